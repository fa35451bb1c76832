/**
 * A runner that has no file descriptors left when somebody connects to its forward. It says a line of
 * JSON at each step: the port of the forward, the warning, and that there are descriptors again. The forward
 * leads to a process that sends back what it is sent, and lasts until the standard input ends. It is to be
 * started with a low limit; its one argument is the backend's name.
 *
 * @module
 */
import { backendByName } from "../../backends.ts";
import { Cluster } from "../../cluster/mod.ts";

const backend = await backendByName(Deno.args[0]!, "the argument");
await using cluster = await Cluster.create(backend, { progress: false });
const node = await cluster.addNode();
// The service is a process of its own, so that it has its own descriptors for what it accepts.
const service = await node.spawn(Deno.execPath(), [
  "eval",
  `const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
   console.log("at port " + listener.addr.port);
   for await (const conn of listener) conn.readable.pipeTo(conn.writable).catch(() => {});`,
]);
const [, port] = await service.waitForOutput(/at port (\d+)\n/);
await using forward = await node.forward(Number(port));
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
await Array.fromAsync(Deno.stdin.readable);

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
