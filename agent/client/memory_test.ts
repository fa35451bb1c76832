import { checkMemory } from "../testing/memory_case.ts";

const SIZE = 192 * 1024 * 1024;

for (const direction of ["output", "input"] as const) {
  Deno.test({
    name: `memory is bounded on both sides when a process's ${direction} is read slowly`,
    ignore: Deno.build.os !== "linux",
    fn: () => checkMemory({ direction, size: SIZE }),
  });
}
