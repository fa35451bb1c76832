import { match, strictEqual } from "node:assert/strict";

const RUNNER = new URL("./testing/exhausted_runner.ts", import.meta.url).pathname;

/** File descriptors that the runner may have. */
const LIMIT = 200;

/** Connections that are more than it has descriptors for. */
const CLIENTS = 40;

/** What a runner says, a line of JSON each. */
async function* messagesOf(child: Deno.ChildProcess): AsyncGenerator<unknown, void, undefined> {
  let text = "";
  for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) {
    const lines = (text + chunk).split("\n");
    text = lines.pop()!;
    for (const line of lines) yield JSON.parse(line);
  }
}

Deno.test("forward() warns and goes on when the runner has no file descriptors left for a while", async () => {
  const script = `ulimit -n ${LIMIT}; exec "$0" run -A --no-check "$1" local`;
  await using runner = new Deno.Command("sh", {
    args: ["-c", script, Deno.execPath(), RUNNER],
    stdout: "piped",
  }).spawn();
  const messages = messagesOf(runner);
  const next = async () => (await messages.next()).value;
  const target = { hostname: "127.0.0.1", port: Number(await next()) };
  await using clients = new AsyncDisposableStack();
  for (let i = 0; i < CLIENTS; i++) clients.use(await Deno.connect(target));
  match(String(await next()), /^Cannot accept connections at port \d+ for now: .*[Tt]oo many open/);
  strictEqual(await next(), "released");
  await clients.disposeAsync();
  const late = await Deno.connect(target);
  await late.write(new TextEncoder().encode("still there"));
  await late.closeWrite();
  strictEqual(await next(), "still there");
  late.close();
  strictEqual((await runner.status).code, 0);
  await messages.return();
});
