import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert/strict";
import { NodeDownError, NodeLostError } from "../errors.ts";
import type { ConformanceCase } from "./conformance_case.ts";

const abilities = ["kill", "start"] as const;

/** Kills and starts in every order, at the same time, given up, and at the end of nodes and clusters. */
export const startCases: readonly ConformanceCase[] = [
  {
    name: "kill() of a node that is down and start() of one that is up do nothing",
    abilities,
    programs: ["sleep"],
    async run({ node }) {
      await using process = await node.spawn("sleep", ["1000"]);
      await node.start();
      await process.kill("SIGCONT");
      await Promise.all([node.kill(), node.kill()]);
      await node.kill();
      await Promise.all([node.start(), node.start(), node.start()]);
      await using running = await node.spawn("sleep", ["1000"]);
      await node.start();
      await running.kill("SIGCONT");
    },
  },
  {
    name: "kills and starts at the same time take turns, and the node can be used afterwards",
    abilities,
    async run({ node }) {
      await Promise.all([node.kill(), node.start()]);
      ok((await node.hostname()).length > 0);
      await node.kill();
      const starting = node.start().catch((error) => error);
      await node.kill();
      const error = await starting;
      ok(error === undefined || error instanceof NodeDownError, `start() gave ${error}`);
      await rejects(node.hostname(), NodeDownError);
      await node.restart();
      ok((await node.hostname()).length > 0);
    },
  },
  {
    name: "start() whose signal aborts rejects with its reason, and the node can be started later",
    abilities,
    async run({ node }) {
      await node.writeTextFile("kept", "content");
      await node.kill();
      const reason = new Error("not now");
      await rejects(node.start({ signal: AbortSignal.abort(reason) }), (error) => error === reason);
      const controller = new AbortController();
      const starting = node.start({ signal: controller.signal });
      controller.abort(reason);
      await rejects(starting, (error) => error === reason);
      await rejects(node.hostname(), NodeDownError);
      await node.start();
      strictEqual(await node.readTextFile("kept"), "content");
    },
  },
  {
    name: "start() and restart() refuse options that they do not have",
    abilities,
    async run({ node }) {
      const options = { signals: AbortSignal.timeout(1) } as object;
      await rejects(node.start(options), TypeError);
      await rejects(node.restart(options), TypeError);
      ok((await node.hostname()).length > 0);
    },
  },
  {
    name: "a node that is down can be given back, in whichever way, and its name is free then",
    abilities,
    async run({ newCluster }) {
      await using cluster = await newCluster();
      for (const end of ["stop", "destroy"] as const) {
        const node = await cluster.addNode({ name: "short" });
        await node.kill();
        await node[end]();
        ok(node.signal.reason instanceof NodeLostError);
        await rejects(node.start(), NodeLostError);
        deepStrictEqual(cluster.nodes, []);
      }
      const last = await cluster.addNode({ name: "short" });
      await last.kill();
    },
  },
  {
    name: "a start that is under way ends with its node, and nothing is left of it",
    abilities,
    async run({ newCluster }) {
      await using cluster = await newCluster();
      const [one, two] = await cluster.addNodes(2);
      await Promise.all([one.kill(), two.kill()]);
      const starts = [one, two].map((node) => node.start().catch((error) => error));
      await one.destroy();
      await cluster[Symbol.asyncDispose]();
      for (const error of await Promise.all(starts)) {
        ok(error === undefined || error instanceof NodeLostError, `start() gave ${error}`);
      }
    },
  },
  {
    name: "a start that is under way ends when the signal of its cluster aborts",
    abilities,
    async run({ newCluster }) {
      const controller = new AbortController();
      await using cluster = await newCluster({ signal: controller.signal });
      const node = await cluster.addNode();
      await node.kill();
      const starting = node.start().then(() => node.hostname());
      controller.abort(new Error("enough"));
      await rejects(starting, (error) => {
        ok(error instanceof NodeLostError);
        match(error.message, /its cluster's signal aborted: enough$/);
        return true;
      });
    },
  },
  {
    name: "a node that is down cannot be paused, and one that is paused can be killed and started",
    abilities: [...abilities, "pause"],
    async run({ node }) {
      await node.writeTextFile("kept", "content");
      await node.pause();
      const waiting = rejects(node.hostname(), NodeDownError);
      await Promise.all([node.kill(), waiting]);
      await rejects(node.pause(), NodeDownError);
      await rejects(node.resume(), NodeDownError);
      await node.start();
      strictEqual(await node.readTextFile("kept"), "content");
      const pausing = node.pause().catch((error) => error);
      await node.kill();
      const error = await pausing;
      ok(error === undefined || error instanceof NodeDownError, `pause() gave ${error}`);
      await node.start();
      ok((await node.hostname()).length > 0);
    },
  },
  {
    name: "a node comes back from one crash after the other, and from restarts between",
    abilities,
    async run({ node }) {
      for (let count = 1; count <= 3; count++) {
        await node.writeTextFile(`file${count}`, `${count}`);
        await node.kill();
        await node.start();
        await node.restart();
        strictEqual(await node.readTextFile(`file${count}`), `${count}`);
      }
    },
  },
];
