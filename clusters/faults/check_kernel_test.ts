import { deepStrictEqual, rejects } from "node:assert/strict";
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
  for (
    const [deed, ability, has] of [
      ["outside", "partition", ["shape"]],
      ["shape", "shape", ["partition"]],
      ["duplicate", "shape", ["partition"]],
    ] as const
  ) {
    await rejects(
      checkKernel(deed, { backend: "docker", abilities, signal }),
      (error) => {
        deepStrictEqual(error instanceof MissingAbilityError && [error.ability, error.has], [
          ability,
          has,
        ]);
        return true;
      },
    );
  }
});
