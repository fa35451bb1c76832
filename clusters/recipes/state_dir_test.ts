import assert from "node:assert/strict";
import { stateDir } from "./state_dir.ts";

const cases: { env: Record<string, string>; dir: string | undefined }[] = [
  { env: { XDG_STATE_HOME: "/b", HOME: "/c" }, dir: "/b/clustertest" },
  { env: { XDG_STATE_HOME: "b", HOME: "/c" }, dir: "/c/.local/state/clustertest" },
  { env: { XDG_STATE_HOME: "", HOME: "/c" }, dir: "/c/.local/state/clustertest" },
  { env: { HOME: "c" }, dir: undefined },
  { env: {}, dir: undefined },
];

for (const { env, dir } of cases) {
  Deno.test(`stateDir() is ${dir ?? "nothing"} with ${JSON.stringify(env)}`, () => {
    assert.equal(stateDir({ get: (name) => env[name] }), dir);
  });
}
