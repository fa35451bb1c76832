import assert from "node:assert/strict";
import { Cluster } from "../../mod.ts";
import { local } from "../local/mod.ts";

Deno.test("connect() tells of its connection when it is opened and when it is closed", async () => {
  await using cluster = await Cluster.create(local(), { progress: false });
  const node = await cluster.addNode();
  await using listener = await node.listen({ port: 7400 });
  const told: string[] = [];
  using _subscription = cluster.events.subscribe((event) => {
    if (event.type === "tunnel-opened") told.push(`${event.tunnel} to ${event.target}`);
    if (event.type === "tunnel-closed") told.push(`${event.tunnel} closed`);
  });
  const connection = await node.connect({ port: 7400 });
  await using _accepted = await listener.accept();
  assert.equal(told.length, 1);
  assert.match(told[0]!, /^tunnel\d+ to .*:7400$/);
  connection.close();
  await connection[Symbol.asyncDispose]();
  assert.deepEqual(told.slice(1), [`${told[0]!.split(" ")[0]} closed`]);
});
