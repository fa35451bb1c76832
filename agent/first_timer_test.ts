import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { startFirstTimer } from "./first_timer.ts";

Deno.test("startFirstTimer() calls back after its time, once", async () => {
  const started = performance.now();
  let calls = 0;
  await new Promise<void>((resolve) =>
    startFirstTimer(20, () => {
      calls++;
      resolve();
    })
  );
  ok(performance.now() - started >= 19);
  await new Promise<void>((resolve) => startFirstTimer(30.5, resolve));
  strictEqual(calls, 1);
});

Deno.test("startFirstTimer() does not call back once it is disposed", async () => {
  const calls: string[] = [];
  startFirstTimer(10, () => calls.push("disposed"))[Symbol.dispose]();
  const timer = startFirstTimer(0, () => calls.push("there"));
  await new Promise<void>((resolve) => startFirstTimer(40, resolve));
  timer[Symbol.dispose]();
  deepStrictEqual(calls, ["there"]);
});

Deno.test("startFirstTimer() keeps a program running until its time, and not once it is disposed", async () => {
  deepStrictEqual(await outputOf("startFirstTimer(20, () => console.log('called'))"), "called\n");
  const begun = performance.now();
  strictEqual(await outputOf("startFirstTimer(600_000, () => {})[Symbol.dispose]()"), "");
  ok(performance.now() - begun < 600_000);
});

/** What a program prints until it ends by itself. */
async function outputOf(script: string): Promise<string> {
  const module = new URL("first_timer.ts", import.meta.url).href;
  const source = `import { startFirstTimer } from "${module}"; ${script};`;
  const args = ["eval", "--no-config", source];
  const { stdout } = await new Deno.Command(Deno.execPath(), { args }).output();
  return new TextDecoder().decode(stdout);
}
