import { checkMemory } from "../testing/memory_case.ts";

const SIZE = 2 * 1024 * 1024 * 1024;

for (const direction of ["output", "input"] as const) {
  Deno.test({
    name: `memory stays bounded while gigabytes of a process's ${direction} are read slowly`,
    ignore: Deno.build.os !== "linux",
    fn: () => checkMemory({ direction, size: SIZE }),
  });
}
