import assert from "node:assert/strict";
import { runTool, ToolError } from "./run_tool.ts";

Deno.test("runTool() resolves to what the tool wrote", async () => {
  assert.equal(await runTool(["echo", "a", "b"]), "a b\n");
});

Deno.test("runTool() says why in one line when the tool fails", async () => {
  const script = `printf 'Download https://example.org\\nerror: No such thing\\n\\nCaused by:\\n` +
    `    0: The line is down: dead\\n    1: dead\\n\\nStack backtrace:\\n   0: main\\n' >&2; exit 3`;
  await assert.rejects(runTool(["sh", "-c", script]), {
    name: "ToolError",
    message: 'Cannot run "sh -c": No such thing; The line is down: dead',
  });
});

Deno.test("runTool() names the exit code when the tool says nothing", async () => {
  await assert.rejects(runTool(["sh", "-c", "exit 3"]), { reason: "it ended with code 3" });
});

Deno.test("runTool() throws ToolError when there is no such tool", async () => {
  await assert.rejects(runTool(["/does/not/exist"]), (error) => {
    assert.ok(error instanceof ToolError);
    assert.ok(error.cause instanceof Deno.errors.NotFound);
    return true;
  });
});

Deno.test("runTool() rejects with the signal's reason when aborted", async () => {
  const reason = new Error("enough");
  const abort = new AbortController();
  const running = runTool(["sh", "-c", "sleep 60"], { signal: abort.signal });
  abort.abort(reason);
  await assert.rejects(running, reason);
  await assert.rejects(runTool(["true"], { signal: abort.signal }), reason);
});

Deno.test("runTool() ends what the tool has started as well when aborted", async () => {
  const dir = await Deno.makeTempDir();
  const abort = new AbortController();
  const script = 'sleep 1000 & echo $! >"$0/new"; mv "$0/new" "$0/pid"; wait';
  const running = runTool(["sh", "-c", script, dir], { signal: abort.signal });
  const pid = () => Deno.readTextFile(`${dir}/pid`).catch(() => undefined);
  while (await pid() === undefined) await new Promise((resolve) => setTimeout(resolve, 5));
  const reason = new Error("enough");
  abort.abort(reason);
  await assert.rejects(running, reason);
  if (Deno.build.os === "linux") assert.match(await stateOf(Number(await pid())), /^[XZ]$/);
  await Deno.remove(dir, { recursive: true });
});

/** What Linux says of the state of a process; `"X"` once nobody waits for it any more. */
async function stateOf(pid: number): Promise<string> {
  const stat = await Deno.readTextFile(`/proc/${pid}/stat`).catch(() => ") X");
  return stat.slice(stat.lastIndexOf(")") + 2)[0]!;
}
