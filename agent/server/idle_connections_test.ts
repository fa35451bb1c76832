import assert from "node:assert/strict";
import { delay } from "../delay.ts";
import { openHost, startEnrolled } from "../testing/connected_agent.ts";
import { usageOf } from "../testing/process_usage.ts";

/** Connections that say nothing: more than an agent takes in. */
const COUNT = 5_000;

/** Milliseconds in which the agent closes what is to be closed, on a machine that has much else to do. */
const PATIENCE = 20_000;

/** Bytes by which memory may differ from what it was. */
const SLACK = 80 * 1024 * 1024;

Deno.test({
  name: "an agent sheds connections that say nothing, and serves its runner beside them",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    await using enrolled = await startEnrolled();
    const { pid, address } = enrolled.agent;
    const before = await usageOf(pid);
    const idle: Deno.TcpConn[] = [];
    try {
      while (idle.length < COUNT) {
        idle.push(...await Promise.all(Array.from({ length: 100 }, () => Deno.connect(address))));
      }
      // The runner comes last, when there is no room but theirs.
      await using host = await openHost(enrolled);
      assert.ok((await host.network.hostname()).length > 0);
      await Promise.all(idle.map(closedByPeer));
      assert.ok((await host.network.hostname()).length > 0);
    } finally {
      for (const connection of idle) connection.close();
    }
    const until = performance.now() + PATIENCE;
    let after = await usageOf(pid);
    while (after.openFiles > before.openFiles + 2 && performance.now() < until) {
      await delay(10);
      after = await usageOf(pid);
    }
    assert.ok(after.openFiles <= before.openFiles + 2, `${after.openFiles} files are open`);
    assert.ok(after.resident <= before.resident + SLACK, `${after.resident} bytes are in use`);
  },
});

async function closedByPeer(connection: Deno.Conn): Promise<void> {
  const read = await connection.read(new Uint8Array(1)).catch(() => null);
  assert.equal(read, null);
}
