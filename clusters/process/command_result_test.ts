import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { inspect } from "node:util";
import { Cluster } from "../cluster/mod.ts";
import { local } from "../local/mod.ts";

Deno.test("a result is shown with its outputs as text, of which long ones are shortened", async () => {
  await using cluster = await Cluster.create(local(), { progress: false });
  const node = await cluster.addNode();
  const script = "echo first; yes | head -n 3000; echo; echo :last; echo oh no >&2; exit 3";
  const result = await node.run("sh", ["-c", script], { check: false });
  for (const shown of [Deno.inspect(result), inspect(result), Deno.inspect({ result })]) {
    match(shown, /success: false,\s+code: 3,\s+signal: null/);
    match(shown, /stdout: "?'?first\\n/);
    match(shown, /… \d+ more characters …/);
    match(shown, /\blast\\n["'],/);
    match(shown, /stderr: ["']oh no\\n["']/);
    ok(!shown.includes("Bytes"), shown);
    ok(shown.length < 10_000, `${shown.length} characters`);
  }
  strictEqual(result.stdoutBytes.length, result.stdout.length);
  deepStrictEqual(Object.keys(structuredClone(result)), Object.keys(result));
  deepStrictEqual({ ...result }, result);
});
