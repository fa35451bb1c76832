import { match, strictEqual } from "node:assert/strict";
import { delay } from "../../agent/delay.ts";

const RUNNER = new URL("./testing/exhausted_runner.ts", import.meta.url).pathname;

/** File descriptors that the runner may have. */
const LIMIT = 200;

/** Connections at once that are more than it has descriptors for. */
const CLIENTS = 40;

const MESSAGE = /^Cannot accept connections at port \d+ for now: .*[Tt]oo many open/;

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
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const messages = messagesOf(runner);
  const next = async () => (await messages.next()).value;
  const target = { hostname: "127.0.0.1", port: Number(await next()) };
  await using clients = new AsyncDisposableStack();
  const warning = next();
  const warned = warning.then(() => true);
  // The runner closes those for which it cannot reach the node: it may come through a round.
  do await connectMany(clients, target); while (!await Promise.race([warned, delay(20)]));
  match(String(await warning), MESSAGE);
  strictEqual(await next(), "released");
  await clients.disposeAsync();
  strictEqual(await echoOf("still there", target), "still there");
  await runner.stdin.close();
  strictEqual((await runner.status).code, 0);
  await messages.return();
});

async function connectMany(
  stack: AsyncDisposableStack,
  target: Deno.ConnectOptions,
): Promise<void> {
  for (let i = 0; i < CLIENTS; i++) stack.use(await Deno.connect(target));
}

/** What comes back. */
async function echoOf(text: string, target: Deno.ConnectOptions): Promise<string> {
  const client = await Deno.connect(target);
  await client.write(new TextEncoder().encode(text));
  await client.closeWrite();
  return await new Response(client.readable).text();
}
