/**
 * A runner that has no file descriptors left when somebody connects to its forward. It says a line of
 * JSON at each step: the port of the forward, the warning, that there are descriptors again, and what came
 * through then. It is to be started with a low limit; its one argument is the backend's name.
 *
 * @module
 */
import { backendByName } from "../../backends.ts";
import { Cluster } from "../../cluster/mod.ts";

const backend = await backendByName(Deno.args[0]!, "the argument");
await using cluster = await Cluster.create(backend, { progress: false });
const node = await cluster.addNode();
await using listener = await node.listen({ port: 0 });
await using forward = await node.forward((listener.addr as Deno.NetAddr).port);
const { promise: warning, resolve: warn } = Promise.withResolvers<string>();
using _subscription = cluster.events.subscribe((event) => {
  if (event.type === "warning") warn(event.message);
});
const taken = takeAll();
// Something is left for what the runtime itself needs now and then, and the clients take the rest.
say(forward.port);
say(await warning);
for (const file of taken) file.close();
say("released");
for await (const accepted of listener) {
  await using connection = accepted;
  const text = await connection.readable.text().catch(() => "");
  if (text === "") continue; // One of those that took the rest.
  say(text);
  break;
}

function takeAll(): Deno.FsFile[] {
  const files: Deno.FsFile[] = [];
  try {
    for (;;) files.push(Deno.openSync("/dev/null"));
  } catch {
    for (const file of files.splice(-8)) file.close();
    return files;
  }
}

function say(value: unknown): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${JSON.stringify(value)}\n`));
}
