import assert from "node:assert/strict";
import { evaluate, moduleLiteral } from "./_evaluate.ts";

const isMac = Deno.build.os === "darwin";

const CASES = [
  {
    env: { CLUSTERTEST_CACHE: "/a", XDG_CACHE_HOME: "/b", HOME: "/c" },
    dir: "/a",
  },
  {
    env: { CLUSTERTEST_CACHE: "", XDG_CACHE_HOME: "/b", HOME: "/c" },
    dir: isMac ? "/c/Library/Caches/clustertest" : "/b/clustertest",
  },
  {
    env: { CLUSTERTEST_CACHE: "", XDG_CACHE_HOME: "", HOME: "/c" },
    dir: isMac ? "/c/Library/Caches/clustertest" : "/c/.cache/clustertest",
  },
];

for (const { env, dir } of CASES) {
  Deno.test(`cacheDir() is ${dir} when the environment is ${JSON.stringify(env)}`, async () => {
    const code = `import { cacheDir } from ${moduleLiteral("./cache_dir.ts")};
      console.log(cacheDir());`;
    // Deno itself needs a folder for its caches.
    const { stdout } = await evaluate(code, { env: { ...env, DENO_DIR: "/proc/x" } });
    assert.equal(stdout.trim(), dir);
  });
}
