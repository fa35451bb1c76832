import { deepStrictEqual } from "node:assert/strict";
import type { AbilityName } from "../kit/mod.ts";
import { abilitiesWith } from "./abilities_with.ts";

const abilities: readonly AbilityName[] = ["kill", "partition", "shape"];
const pods = { abilities, onlyIfNeeded: ["partition", "shape"] as const };
const containers = { abilities };

Deno.test("abilitiesWith() leaves out what was not said to be needed, where that has to be said", () => {
  deepStrictEqual(abilitiesWith(containers, { needs: [] }), abilities);
  deepStrictEqual(abilitiesWith(pods, { needs: ["kill"] }), ["kill"]);
  deepStrictEqual(abilitiesWith(pods, { needs: ["shape"] }), ["kill", "shape"]);
});

Deno.test("abilitiesWith() asks each member of a composed backend for its own needs", () => {
  const composition = { members: { pods, containers }, memberOf: () => "pods" };
  const composed = { abilities, composition: composition as never };
  deepStrictEqual(abilitiesWith(composed, { needs: [] }), ["kill"]);
  deepStrictEqual(abilitiesWith(composed, { needs: ["partition"] }), ["kill", "partition"]);
  const memberNeeds = { pods: ["shape"] as const };
  deepStrictEqual(abilitiesWith(composed, { needs: [], memberNeeds }), ["kill", "shape"]);
});
