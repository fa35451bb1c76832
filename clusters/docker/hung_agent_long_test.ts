/**
 * An agent in a container that hangs in a call of its system, on a real engine.
 *
 * @module
 */
import { match, ok, rejects } from "node:assert/strict";
import { Cluster } from "../cluster/cluster.ts";
import type { Node } from "../node/node.ts";
import { docker } from "./backend.ts";
import type { DockerOptions } from "./docker_options.ts";
import { haveEngine, testImages } from "./testing/engine.ts";

const ignore = !await haveEngine();

/** What a container needs in which a file system is served. */
const SERVING: DockerOptions = {
  capabilities: { add: ["SYS_ADMIN"] },
  customize: (request) => {
    const { HostConfig } = request as { HostConfig: Record<string, unknown> };
    const fuse = "/dev/fuse";
    HostConfig.Devices = [{ PathOnHost: fuse, PathInContainer: fuse, CgroupPermissions: "rwm" }];
    HostConfig.SecurityOpt = ["apparmor=unconfined"];
  },
};

/** Mounts a file of a server that never answers over `tree/dead`, and says so. */
const SERVE = `mkdir tree && touch tree/dead && exec 5<>/dev/fuse &&
  mount -i -t fuse -o fd=5,rootmode=100000,user_id=0,group_id=0 dead tree/dead &&
  echo served && exec sleep 1000`;

async function make(options: DockerOptions): Promise<Cluster> {
  const heartbeat = { interval: 1_000, timeout: 5_000 };
  return await Cluster.create(docker(options), { progress: false, heartbeat });
}

/** The command line of the process that watches the agent, once there is one. */
async function watchOf(node: Node): Promise<string> {
  for (;;) {
    for await (const { name } of node.readDir("/proc")) {
      const line = await node.readTextFile(`/proc/${name}/cmdline`).catch(() => "");
      if (/\0watch\0agent=\d+\0/.test(line)) return line;
    }
  }
}

for (const init of [true, false]) {
  const first = init ? "the engine's init is process 1" : "it is process 1 itself";
  Deno.test({
    name: `docker() loses a node whose agent hangs, and its container ends, when ${first}`,
    ignore,
    fn: async () => {
      await using cluster = await make({ ...SERVING, image: testImages.glibc, init });
      const node = await cluster.addNode();
      const server = await node.spawn("sh", ["-c", SERVE], { stdout: "piped" });
      const { value } = await server.stdout.getReader().read();
      match(new TextDecoder().decode(value), /served/);
      match(await watchOf(node), init ? /agent=[^1]/ : /agent=1\0/);
      await rejects(node.download("tree", await Deno.makeTempDir()), { name: "NodeLostError" });
      ok(node.signal.aborted);
      match(
        node.signal.reason.message,
        /ended by SIGKILL.*\n.*\n.*the agent hangs: its watch ends it/,
      );
    },
  });
}

Deno.test({
  name: "docker() has agents watched in an empty image, read-only and without root",
  ignore,
  fn: async () => {
    const options = { image: testImages.scratch, readOnlyRoot: true, user: "65534:65534" };
    await using cluster = await make(options);
    match(await watchOf(await cluster.addNode()), /\0--\0CLUSTERTEST_NODE=/);
  },
});
