import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import type { Cluster } from "../cluster/mod.ts";
import type { CollectedArtifacts } from "../events/mod.ts";
import type { Node } from "../node/mod.ts";
import { clusterTest } from "../test/mod.ts";
import type { ConformanceCase } from "./conformance_case.ts";

/** A test of a cluster, which fails. */
export interface FailingTest {
  readonly cluster: Cluster;
  readonly patterns: readonly string[];
  /** What it does before. */
  readonly body?: () => Promise<unknown>;
}

/** Has a test fail; resolves to what its events say of artifacts, by the names of nodes. */
export async function artifactsOf(
  { cluster, patterns, body = async () => {} }: FailingTest,
): Promise<Map<string, CollectedArtifacts>> {
  const collected = new Map<string, CollectedArtifacts>();
  using _ = cluster.events.subscribe((event) => {
    if (event.type === "artifacts-collected") collected.set(event.node, event);
  });
  const failure = new Error("The test fails");
  const test = clusterTest({ cluster, artifacts: patterns }, async (_, _context: object) => {
    await body();
    throw failure;
  });
  await rejects(test({ name: "failing" }), (error) => error === failure);
  return collected;
}

/** That a node gave one file, with this content. */
async function checkOne(
  collected: ReadonlyMap<string, CollectedArtifacts>,
  { name }: Node,
  [path, content]: readonly [path: string, content: string],
): Promise<void> {
  const { folder, files, errors } = collected.get(name)!;
  deepStrictEqual([files, errors], [1, []]);
  strictEqual(await Deno.readTextFile(`${folder}/${path}`), content);
}

/** Files of nodes that are brought into the record of a test that has failed, whatever state nodes are in. */
export const artifactCases: readonly ConformanceCase[] = [
  {
    name: "files of a node that is down are collected by patterns as of one that is up",
    abilities: ["kill", "start"],
    async run({ cluster, node, peer, dir }) {
      const [path, other] = [`${dir}/data/deep/a.log`, `${dir}/b.txt`];
      for (const each of [node, peer]) {
        await each.mkdir(`${dir}/data/deep`, { recursive: true });
        await each.writeTextFile(path, each.name);
        await each.writeTextFile(other, "not wanted");
      }
      const patterns = [`${dir}/data/**`, `${dir}/*.log`, `${dir}/missing`];
      const collected = await artifactsOf({ cluster, patterns, body: () => node.kill() });
      for (const each of [node, peer]) await checkOne(collected, each, [path, each.name]);
      // It stays down, and can come back.
      await node.start();
      strictEqual(await node.readTextFile(path), node.name);
    },
  },
  {
    name: "files of a node are collected while a kill or a start of it is under way",
    abilities: ["kill", "start"],
    async run({ cluster, node, dir }) {
      const file = [`${dir}/a.log`, "content"] as const;
      await node.mkdir(dir, { recursive: true });
      await node.writeTextFile(...file);
      for (const act of ["kill", "start"] as const) {
        let acting = Promise.resolve();
        const body = () => Promise.resolve(void (acting = node[act]()));
        const collected = await artifactsOf({ cluster, patterns: [`${dir}/*`], body });
        await acting;
        await checkOne(collected, node, file);
      }
    },
  },
  {
    name: "files of a node that is paused are collected, and it is paused still",
    abilities: ["pause"],
    async run({ cluster, node, peer, dir }) {
      const file = [`${dir}/a.log`, "content"] as const;
      await node.mkdir(dir, { recursive: true });
      await node.writeTextFile(...file);
      try {
        const body = () => node.pause();
        const collected = await artifactsOf({ cluster, patterns: [`${dir}/*`], body });
        await checkOne(collected, node, file);
        let answered = false;
        const asking = node.hostname().then(() => answered = true);
        // Time passes in which the paused one could have answered.
        await peer.hostname();
        strictEqual(answered, false);
        await node.resume();
        await asking;
      } finally {
        await node.resume();
      }
    },
  },
  {
    name: "nothing is said of the files of a node that the test has given back",
    async run({ newCluster }) {
      await using cluster = await newCluster();
      const [node, other] = await cluster.addNodes(2);
      await other.writeTextFile("a.log", "content");
      const body = () => node.destroy();
      const collected = await artifactsOf({ cluster, patterns: ["*.log"], body });
      deepStrictEqual([...collected.keys()], [other.name]);
      await checkOne(collected, other, ["a.log", "content"]);
    },
  },
];
