import assert from "node:assert/strict";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { openHost, startEnrolled } from "../testing/connected_agent.ts";
import { TcpProxy } from "../testing/tcp_proxy.ts";

/** Entries of a folder: too many for one message, with names that make them large. */
const NAMES = Array.from({ length: 5_000 }, (_, i) => `${i}`.padEnd(200, "-"));

/** Bytes after which the connection stalls: the first messages have come by then, not the last. */
const PART = 700_000;

Deno.test("an agent's host gives up a list of which a part has come", async () => {
  await using enrolled = await startEnrolled();
  const { agent } = enrolled;
  await Promise.all(NAMES.map((name) => Deno.writeTextFile(join(agent.rootDir, name), "")));
  const plan = () => ({ after: PART, kind: "stall" }) as const;
  await using stack = new AsyncDisposableStack();
  const proxy = await TcpProxy.open(agent.address, { plan });
  const host = stack.use(await openHost(enrolled, { port: proxy.port }));
  // Ends before the host does, which would close in vain what has stalled.
  stack.use(proxy);
  const controller = new AbortController();
  const listing = host.files.call("list", { path: "." }, { signal: controller.signal });
  while (proxy.faults === 0) await delay(10);
  // What has passed is taken meanwhile.
  await delay(50);
  const reason = new Error("Enough");
  controller.abort(reason);
  await assert.rejects(listing, reason);
  host.fail("the test is over");
});
