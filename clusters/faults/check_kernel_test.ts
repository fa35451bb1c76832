import { match, ok, strictEqual } from "node:assert/strict";
import { MissingAbilityError } from "../errors.ts";
import type { Abilities, PacketDeed } from "../kit/mod.ts";
import { checkKernel } from "./check_kernel.ts";

const signal = new AbortController().signal;

/** Those of a node whose kernel lacks what can copy packets. */
const abilities = {
  partition: {
    kernelLacks: (deed: PacketDeed) =>
      Promise.resolve(
        deed === "partition"
          ? undefined
          : { part: "copies", reason: "the kernel is old", remedy: "Take a newer one" },
      ),
  },
  shape: {},
} as unknown as Abilities;

Deno.test("checkKernel() names the ability that is missing, whatever of it a kernel cannot do", async () => {
  await checkKernel("partition", { backend: "docker", abilities, signal });
  const named = [["outside", "partition"], ["shape", "shape"], ["duplicate", "shape"]] as const;
  for (const [deed, ability] of named) {
    const checking = checkKernel(deed, { backend: "docker", abilities, signal });
    const error = await checking.catch((error) => error);
    ok(error instanceof MissingAbilityError);
    strictEqual(error.ability, ability);
    match(error.message, /the kernel is old.*Take a newer one/s);
  }
});
