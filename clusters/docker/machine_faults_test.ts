import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert/strict";
import { Cluster } from "../cluster/mod.ts";
import { type Fault, FaultProofError } from "../faults/mod.ts";
import type { Node } from "../node/mod.ts";
import { docker } from "./backend.ts";
import { Container } from "./container.ts";
import type { DockerNodeOptions } from "./docker_options.ts";
import { haveEngine, testImages } from "./testing/engine.ts";
import { run } from "./testing/run.ts";

const ignore = !await haveEngine();

const MEBIBYTE = 1024 * 1024;

function make(options: DockerNodeOptions = {}): Promise<Cluster> {
  return Cluster.create(docker({ image: testImages.busybox, ...options }), {
    needs: ["cpu", "memory", "fullDisk"],
  }) as Promise<unknown> as Promise<Cluster>;
}

/** All limits that a node sees, as its control groups have them, of either version. */
async function limitsOf(node: Node): Promise<string> {
  const files = "cpu/cpu.cfs_quota_us cpu/cpu.cfs_period_us memory/memory.limit_in_bytes " +
    "memory/memory.memsw.limit_in_bytes cpu.max memory.max memory.swap.max";
  const script = `cd /sys/fs/cgroup && for f in ${files}; do [ ! -e $f ] || grep -H . $f; done`;
  return (await node.run("sh", ["-c", script])).stdout;
}

Deno.test({
  name: "limits of processors and memory are healed to exactly what was before, in any order",
  ignore,
  async fn() {
    for (const options of [{}, { cpus: 1.5, memory: "256m" }] as const) {
      await using cluster = await make(options);
      const node = await cluster.addNode();
      const before = await limitsOf(node);
      match(before, /\d/);
      const faults = [
        await cluster.faults.cpu(node, 0.1),
        await cluster.faults.cpu(node, 0.25, { proof: false }),
        await cluster.faults.memory(node, 200 * MEBIBYTE),
        await cluster.faults.memory(node, 150 * MEBIBYTE),
      ];
      ok(await limitsOf(node) !== before);
      for (const each of [0, 3, 2, 1]) await faults[each]!.heal();
      strictEqual(await limitsOf(node), before);
    }
  },
});

Deno.test({
  name: "faults of machines that are given up, at whatever moment, leave nothing",
  ignore,
  async fn() {
    await using cluster = await make();
    const node = await cluster.addNode();
    const before = await limitsOf(node);
    const { faults } = cluster;
    const makings: readonly ((signal: AbortSignal) => Promise<Fault>)[] = [
      (signal) => faults.cpu(node, 0.5, { signal }),
      (signal) => faults.memory(node, 200 * MEBIBYTE, { signal }),
      (signal) => faults.fullDisk(node, "/dev/shm", { signal }),
    ];
    for (const make of makings) {
      for (let delay = 2, isMade = false; !isMade; delay *= 3) {
        const signal = AbortSignal.timeout(delay);
        const fault = await make(signal).catch((error) => strictEqual(error, signal.reason));
        isMade = fault !== undefined;
        await fault?.heal();
        strictEqual(await limitsOf(node), before);
        await node.writeTextFile("/dev/shm/file", "there is room");
      }
    }
  },
});

Deno.test({
  name: "a limit that an engine does not apply is not shown, and undone",
  ignore,
  async fn() {
    await using cluster = await make();
    const node = await cluster.addNode();
    const before = await limitsOf(node);
    const { update } = Container.prototype;
    Container.prototype.update = () => Promise.resolve();
    try {
      await rejects(cluster.faults.cpu(node, 0.5), FaultProofError);
      await rejects(cluster.faults.memory(node, 200 * MEBIBYTE), FaultProofError);
    } finally {
      Container.prototype.update = update;
    }
    // Nothing of them is left for later ones.
    await using fault = await cluster.faults.cpu(node, 0.2);
    strictEqual(fault.proof!.machines![0]!.measured, 0.2);
    await fault.heal();
    strictEqual(await limitsOf(node), before);
  },
});

Deno.test({
  name: "what needs more than its node's memory is killed, and a node that uses more is let be",
  ignore,
  async fn() {
    await using cluster = await make({ tmpfs: { "/data": "size=300m" } });
    const node = await cluster.addNode();
    const write = (mebibytes: number) =>
      node.run("dd", ["if=/dev/zero", "of=/data/file", "bs=1M", `count=${mebibytes}`], {
        check: false,
      });
    strictEqual((await write(100)).code, 0);
    const before = await limitsOf(node);
    await rejects(cluster.faults.memory(node, 90 * MEBIBYTE), /it uses \d+ now, with its agent/);
    strictEqual(await limitsOf(node), before);
    await node.remove("/data/file");
    await using fault = await cluster.faults.memory(node, 200 * MEBIBYTE);
    ok(fault.proof);
    // The kernel counts what is in a file system in memory, too: it would be more than there is.
    await rejects(cluster.faults.fullDisk(node, "/data"), /bytes are memory, of which it has \d+/);
    const { outOfMemory, signal } = await (await node.spawn("dd", [
      ...["if=/dev/zero", "of=/dev/null", "bs=300M", "count=1"],
    ])).status;
    deepStrictEqual([outOfMemory, signal], [true, "SIGKILL"]);
  },
});

Deno.test({
  name: "fullDisk() knows which file systems of a container are its own",
  ignore,
  async fn() {
    const volume = `clustertest-test-${crypto.randomUUID()}`;
    const create = ["volume", "create", "-d", "local", "-o", "type=tmpfs", "-o", "device=tmpfs"];
    await run("docker", [...create, "-o", "o=size=8m", volume]);
    const folder = await Deno.makeTempDir();
    try {
      await using cluster = await make({
        tmpfs: { "/own/": "size=8m" },
        volumes: { "/volume": { source: volume }, "/here": { source: folder } },
      });
      const first = await cluster.addNode();
      for (const path of ["/own", "/volume"]) {
        await using full = await cluster.faults.fullDisk(first, path, { leave: MEBIBYTE });
        const [{ measured } = { measured: 0 }] = full.proof!.machines!;
        ok(measured! <= 2 * MEBIBYTE, `${measured}`);
      }
      await cluster.addNode();
      const refused = {
        "/volume": /: other containers have its volume ".*" as well\. Give/,
        "/here": /: it is a folder of the engine's machine\. Give/,
        "/": /: it is on the disk of the engine's machine/,
        "/proc": /: it is proc, which has no room that could be full/,
        "/etc/passwd": /^NotADirectory: Cannot fill the disk of node .*: it is no folder/,
        "/own/../tmp": /: it is on the disk of the engine's machine/,
        ".": /: its volume ".*" is on a disk of the engine's machine\. Give/,
      };
      for (const [path, message] of Object.entries(refused)) {
        await rejects(cluster.faults.fullDisk(first, path), message);
      }
    } finally {
      await run("docker", ["volume", "rm", volume]);
      await Deno.remove(folder, { recursive: true });
    }
  },
});
