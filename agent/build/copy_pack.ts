import { dirname, join } from "node:path";
import type { CopyRequest } from "../command_line.ts";

/** Name of the file that describes a pack; a folder without it is no pack. */
const MANIFEST_NAME = "manifest.json";

/** As far as it is needed for a copy. */
interface CopiedManifest {
  readonly version: string;
  readonly files: readonly { readonly path: string; readonly mode: number }[];
}

/**
 * Copies the pack of an agent into a folder, which may be there: an image has nothing but the agent that
 * could do so. The manifest is last, so where it is, everything is.
 */
export async function copyPack({ from, to, version }: CopyRequest): Promise<void> {
  const text = await Deno.readTextFile(join(from, MANIFEST_NAME));
  const manifest = JSON.parse(text) as CopiedManifest;
  if (version !== undefined && version !== manifest.version) {
    throw new Error(
      `Cannot copy the agent: it is of version ${manifest.version.slice(0, 12)}, and not of ` +
        `${version.slice(0, 12)}; make the image anew, by "deno task agent --image"`,
    );
  }
  for (const { path, mode } of manifest.files) {
    const target = join(to, path);
    await Deno.mkdir(dirname(target), { recursive: true });
    await Deno.copyFile(join(from, path), target);
    await Deno.chmod(target, mode);
  }
  await Deno.writeTextFile(join(to, MANIFEST_NAME), text);
}
