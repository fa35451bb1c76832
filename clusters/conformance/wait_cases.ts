import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert/strict";
import { ProcessEndedError, type TimeoutError } from "../errors.ts";
import type { ClusterEvent } from "../events/mod.ts";
import { eventually } from "../waiting/mod.ts";
import { atOnce } from "./at_once.ts";
import type { ConformanceCase } from "./conformance_case.ts";
import { failedWait } from "./failed_wait.ts";
import { HttpService } from "./http_service.ts";

/** A port on which nothing listens. One that was free a moment ago may have been taken by now. */
const DEAD_PORT = 9;

/** Turns of this process within which a wait hears of the end of its process. */
const AT_ONCE = 500;

/** Says why, and dies after 25 ms. */
const DYING = ["-c", "sleep 0.025; echo no room >&2; exit 3"];

/** What a wait fails with once it has seen so many tries end. */
function failedAfter(
  tries: number,
  wait: (options: { readonly timeout: number }) => Promise<void>,
): Promise<TimeoutError> {
  return failedWait(wait, (error) => error.cause !== undefined && error.tries >= tries);
}

/** Waiting for services on nodes. */
export const waitCases: readonly ConformanceCase[] = [
  {
    name: "waitForPort() resolves once a connection is accepted, at the node or at another one",
    async run({ node, peer }) {
      await using first = await node.listen({ port: 0 });
      const { port } = first.addr as Deno.NetAddr;
      await node.waitForPort(port);
      await peer.waitForPort(port, { hostname: node.address });
      await first[Symbol.asyncDispose]();
      const waiting = node.waitForPort(port);
      await node.hostname();
      await using _second = await node.listen({ port });
      await waiting;
    },
  },
  {
    name: "waitForPort() says how often it was tried, and what was seen last",
    async run({ node, cluster }) {
      const events: ClusterEvent[] = [];
      using _subscription = cluster.events.subscribe((event) => void events.push(event));
      const error = await failedAfter(2, (options) => node.waitForPort(DEAD_PORT, options));
      match(
        error.message,
        new RegExp(
          `^Cannot complete node\\.waitForPort\\(9\\): no connection was accepted within ` +
            `${error.timeout} ms on node "${node.name}" \\(${node.backend}\\); tried ${error.tries} times, the last time ` +
            `it failed with: \\w+: .*refused`,
        ),
      );
      ok(error.tries > 1 && error.cause instanceof Error);
      match(error.stack!, /\n +at .*wait_cases\.ts/);
      const [started, ended] = events.filter(({ type }) => type.startsWith("wait-")).slice(-2);
      ok(started?.type === "wait-started" && ended?.type === "wait-ended");
      deepStrictEqual([started.node, started.call], [node.name, "node.waitForPort(9)"]);
      strictEqual(ended.tries, error.tries);
      match(ended.error!, /^TimeoutError: Cannot complete node\.waitForPort\(9\)/);
    },
  },
  {
    name: "a wait fails at once when its process ends, and says how that ended",
    programs: ["sh", "sleep"],
    async run({ node, peer }) {
      for (const waiter of [node, peer]) {
        await using process = await node.spawn("sh", DYING);
        const failed = waiter.waitForPort(DEAD_PORT, { while: process }).catch((e) => e);
        const error = await atOnce(failed, AT_ONCE);
        ok(error instanceof ProcessEndedError);
        deepStrictEqual([error.node, error.code, error.stderr], [node.name, 3, "no room\n"]);
        match(error.message, /^Cannot complete node\.waitForPort\(9\): `sh .*` on node ".*code 3/);
        match(error.message, /; tried .*\nstderr:\n {2}no room$/s);
      }
    },
  },
  {
    name: "a wait fails at once when its process had ended before it began",
    programs: ["sh", "sleep"],
    async run({ node }) {
      await using service = await HttpService.start(node, () => ({ status: 503 }));
      await using process = await node.spawn("sh", DYING);
      await process.status;
      const error = await node.waitForHttp(service.url, { while: process }).catch((e) => e);
      ok(error instanceof ProcessEndedError);
      strictEqual(error.code, 3);
    },
  },
  {
    name: "a wait that takes too long shows what its process has said",
    programs: ["sh", "sleep"],
    async run({ node }) {
      await using process = await node.spawn("sh", ["-c", "echo starting; exec sleep 1000"]);
      await process.waitForOutput("starting");
      const options = { while: process, timeout: 1_000 };
      await rejects(node.waitForPort(DEAD_PORT, options), /; `sh .*` runs\nstdout:\n {2}starting$/);
    },
  },
  {
    name: "waits fail at once with the reason of cluster.signal when the test is over",
    programs: ["sh", "sleep"],
    async run({ newCluster }) {
      await using cluster = await newCluster();
      const [one, other] = await cluster.addNodes(2);
      const { signal } = new AbortController();
      const process = await other!.spawn("sleep", ["1000"]);
      const waits = [
        process.waitForOutput("ready"),
        one!.waitForPort(DEAD_PORT),
        other!.waitForPort(DEAD_PORT, { signal }),
        other!.waitForHttp(`http://localhost:${DEAD_PORT}/`),
        eventually(() => other!.readFile("missing")),
      ].map((wait) => wait.catch((error) => error));
      await one!.spawn("sh", DYING, { essential: true });
      for (const error of await Promise.all(waits)) strictEqual(error, cluster.signal.reason);
      await rejects(one!.waitForPort(DEAD_PORT), (error) => error === cluster.signal.reason);
    },
  },
  {
    name: "waitForHttp() waits for an answer from 200 to 299, or for the status that is asked for",
    async run({ node }) {
      const statuses = [503, 404, 204, 302, 503, 418, 500];
      await using service = await HttpService.start(node, () => ({
        status: statuses.shift()!,
        headers: { location: "/elsewhere" },
      }));
      await node.waitForHttp(`${service.url}/health`);
      await node.waitForHttp(new URL(service.url), { status: 302 });
      await node.waitForHttp(service.url, { status: (status) => status === 418 });
      await node.waitForHttp(`http://localhost:${service.port}/`, { status: 500 });
      deepStrictEqual(statuses, []);
    },
  },
  {
    name: "waitForHttp() says what the last answer was, and that there was none",
    async run({ node }) {
      await using service = await HttpService.start(node, () => ({ status: 503 }));
      const unwell = await failedAfter(1, (options) => node.waitForHttp(service.url, options));
      match(
        unwell.message,
        /^Cannot complete node\.waitForHttp\(".*there was no such answer within/,
      );
      match(unwell.message, /the last time it failed with: Error: The answer is 503 Status$/);
      await using silent = await node.listen({ port: 0 });
      const { port } = silent.addr as Deno.NetAddr;
      const options = { timeout: 300 };
      const mute = await node.waitForHttp(`http://localhost:${port}/`, options).catch((e) => e);
      match(mute.message, /within 300 ms on node .*; tried once, and no try ended$/);
    },
  },
  {
    name: "waits for what cannot be are refused at once",
    async run({ node }) {
      for (const port of [0, 65536, 1.5, NaN]) await rejects(node.waitForPort(port), RangeError);
      for (const timeout of [-1, NaN]) await rejects(node.waitForPort(1, { timeout }), RangeError);
      for (const url of ["localhost:80", "ftp://localhost/", "", "health"]) {
        await rejects(node.waitForHttp(url), { name: "TypeError", message: /^Cannot wait for "/ });
      }
      for (const status of [99, 600, 200.5]) {
        await rejects(node.waitForHttp("/", { status }), RangeError);
      }
    },
  },
];
