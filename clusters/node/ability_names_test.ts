import { deepStrictEqual } from "node:assert/strict";
import { abilityNames } from "./ability_names.ts";

const kill = { kill: () => Promise.resolve() };
const start = { start: () => Promise.resolve() };
const cpu = { set: () => Promise.resolve() };

Deno.test("abilityNames() has a restart where a node can be killed and started, and not otherwise", () => {
  deepStrictEqual(abilityNames({}), []);
  deepStrictEqual(abilityNames({ cpu, kill }), ["kill", "cpu"]);
  deepStrictEqual(abilityNames({ start }), []);
  deepStrictEqual(abilityNames({ start, kill, pause: undefined }), ["kill", "start", "restart"]);
});
