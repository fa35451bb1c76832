/**
 * A backend's module, whose second sweep finds nothing any more, and says so in a file.
 *
 * @module
 */
import type { SweepReport } from "../../kit/mod.ts";

/** What a guardian needs of it. `file` is written by the second sweep. */
export function backendFromRecipe(
  { file }: { file: string },
): { sweep(): Promise<SweepReport> } {
  let sweeps = 0;
  const left = { kind: "folder", id: file, reason: "of a test", outcome: "removed" } as const;
  return {
    async sweep() {
      if (++sweeps < 2) return { found: [left] };
      await Deno.writeTextFile(file, "swept");
      return { found: [] };
    },
  };
}
