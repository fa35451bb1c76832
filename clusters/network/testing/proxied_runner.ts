/**
 * A runner whose environment names proxies: it asks a service on a node, at a port at which its own
 * machine has another one, and writes the answer. Its one argument is the backend's name.
 *
 * @module
 */
import { backendByName } from "../../backends.ts";
import { Cluster } from "../../cluster/mod.ts";
import { HttpService } from "../../conformance/http_service.ts";
import { unusualPort } from "../../conformance/unusual_port.ts";

await using cluster = await Cluster.create(await backendByName(Deno.args[0]!, "the argument"), {
  progress: false,
});
const node = await cluster.addNode();
await using service = await HttpService.start(
  node,
  ({ path }) => ({ body: `the node has ${path}` }),
  // One that the node chooses may be taken on this machine.
  { port: unusualPort() },
);
const { port } = service;
await using _own = Deno.serve(
  { hostname: "127.0.0.1", port, onListen() {} },
  () => new Response("the runner's own service"),
);
const response = await node.fetch(`http://localhost:${port}/path`);
await Deno.stdout.write(new TextEncoder().encode(await response.text()));
