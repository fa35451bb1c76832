import assert from "node:assert/strict";

const PROGRAM = `
import { surviveFailures } from ${JSON.stringify(import.meta.resolve("./survive_failures.ts"))};
surviveFailures((line) => console.error(line));
Promise.reject(new Error("nobody waits for this"));
setTimeout(() => { throw new Error("nobody catches this"); });
setTimeout(() => console.log("still here"), 20);
`;

Deno.test("surviveFailures() reports what nobody waits for, and the program goes on", async () => {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", "--ext=ts", PROGRAM],
  }).output();
  const report = new TextDecoder().decode(stderr);
  assert.ok(success, report);
  assert.equal(new TextDecoder().decode(stdout), "still here\n");
  assert.match(report, /survived a failure: Error: nobody waits for this\n +at /);
  assert.match(report, /survived a failure: Error: nobody catches this\n +at /);
});
