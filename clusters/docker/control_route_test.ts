/**
 * How a test reaches its nodes on an engine of this machine: through sockets, which need no network, and
 * which only their own agent can use.
 *
 * @module
 */
import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert/strict";
import { Cluster } from "../cluster/cluster.ts";
import type { EventDetail } from "../events/mod.ts";
import type { Node } from "../node/node.ts";
import { currentRun } from "../ownership/current_run.ts";
import { requirement } from "../requirement.ts";
import { docker } from "./backend.ts";
import { ControlRoute } from "./control_route.ts";
import { SOCKETS_DIR } from "./agent_container.ts";
import { findEngine } from "./engine/find_engine.ts";
import { selectEngine } from "./engine/select_engine.ts";
import { awaitResources } from "./testing/await_resources.ts";
import { haveEngine, openEngine, seesThisMachine, testImages } from "./testing/engine.ts";
import { run } from "./testing/run.ts";
import { withoutSockets } from "./testing/without_sockets.ts";
import { RunnerProcess } from "../testing/runner_process.ts";

const ignore = !await haveEngine() || !await seesThisMachine();

/** Milliseconds without a heartbeat after which an agent ends itself: its lease. */
const LEASE = 6_000;

/** So many numbers take longer than the lease, of which one is said five times a second. */
const NUMBERS = 40;
const COUNT = `for i in $(seq ${NUMBERS}); do echo $i; sleep 0.2; done`;

/** What is asked of an engine about a container. */
interface Inspection {
  readonly Args: readonly string[];
  readonly State: { readonly Pid: number };
  readonly HostConfig: { readonly PortBindings: object };
  readonly NetworkSettings: { readonly Networks: object };
  readonly Mounts: readonly { readonly Destination: string; readonly Source: string }[];
}

async function inspect(id: string): Promise<Inspection> {
  await using engine = await openEngine();
  return await engine.call({ what: "inspect", method: "GET", path: `/containers/${id}/json` });
}

/** Where the sockets of a node are on this machine, if its agent calls. */
async function socketsOf(id: string): Promise<string | undefined> {
  const { Mounts } = await inspect(id);
  return Mounts.find(({ Destination }) => Destination === SOCKETS_DIR)?.Source;
}

async function disconnect(node: Node, cluster: Cluster): Promise<void> {
  await using engine = await openEngine();
  const path = `/networks/clustertest-${cluster.id}/disconnect`;
  await engine.call({ what: "cut off", method: "POST", path, body: { Container: node.id } });
}

/** Drops all that comes, as a test does that has the privilege, or that is given to its node. */
async function dropAll(node: Node, _cluster: Cluster): Promise<void> {
  const { State } = await inspect(node.id);
  const drop = ["iptables", "-P", "INPUT", "DROP"];
  await run("nsenter", ["-t", `${State.Pid}`, "-n", ...drop]);
}

/** The ways in which a test takes the network from a node. */
const WAYS: Readonly<Record<string, (node: Node, cluster: Cluster) => Promise<unknown>>> = {
  "taken out of its network": disconnect,
  "whose interfaces are down": (node) =>
    node.run("sh", ["-c", "ip link set eth0 down && ip link set lo down"]),
  "without an address or a route": (node) =>
    node.run("sh", [
      "-c",
      "ip route flush table all; ip addr flush dev eth0; ip addr flush dev lo",
    ]),
};

const canDrop = await requirement("iptables", async () => {
  await run("nsenter", ["-t", `${Deno.pid}`, "-n", "iptables", "--list"]);
  return true;
});

Deno.test({
  name: "a node that loses its network is reached all the same, for longer than its lease",
  ignore,
  fn: async (test) => {
    await using cluster = await Cluster.create(
      docker({ image: testImages.busybox, capabilities: { add: ["NET_ADMIN"] } }),
      { progress: false, heartbeat: { interval: LEASE / 6, timeout: LEASE } },
    );
    const ways = Object.entries({ ...WAYS, ...canDrop && { "that drops all": dropAll } });
    const [witness, ...nodes] = await cluster.addNodes(ways.length + 1) as unknown as Node[];
    const outputs = nodes.map(async (node) => {
      await using counting = await node.spawn("sh", ["-c", COUNT], { stdout: "piped" });
      return await new Response(counting.stdout).text();
    });
    for (const [index, [what, take]] of ways.entries()) {
      await test.step({
        name: `one ${what}`,
        // The cluster and the outputs go on between steps.
        sanitizeOps: false,
        sanitizeResources: false,
        fn: async () => {
          const node = nodes[index]!;
          await take(node, cluster as unknown as Cluster);
          strictEqual((await node.run("echo", ["apart"])).stdout, "apart\n");
          const signal = AbortSignal.timeout(500);
          await rejects(witness!.connect({ hostname: node.address, port: 1, signal }));
        },
      });
    }
    const numbers = Array.from({ length: NUMBERS }, (_, i) => `${i + 1}\n`).join("");
    for (const output of await Promise.all(outputs)) strictEqual(output, numbers);
    for (const node of nodes) strictEqual((await node.run("echo", ["there"])).stdout, "there\n");
  },
});

Deno.test({
  name: "a node whose agent calls publishes no port of it, and is in its cluster's network alone",
  ignore,
  fn: async () => {
    await using cluster = await Cluster.create(docker({ image: testImages.busybox }), {
      progress: false,
    });
    const node = await cluster.addNode();
    const { HostConfig, NetworkSettings } = await inspect(node.id);
    deepStrictEqual(HostConfig.PortBindings, {});
    deepStrictEqual(Object.keys(NetworkSettings.Networks), [`clustertest-${cluster.id}`]);
  },
});

Deno.test({
  name: "a node that never had a network is reached, whatever its image and user",
  ignore,
  fn: async () => {
    await using cluster = await Cluster.create(
      docker({
        customize: (request) => {
          request.HostConfig = { ...request.HostConfig as object, NetworkMode: "none" };
          request.NetworkingConfig = {};
        },
      }),
      { progress: false },
    );
    const users = { user: "1234:1234", readOnlyRoot: true, capabilities: { drop: ["ALL"] } };
    const nodes = await Promise.all([
      cluster.addNode({ image: testImages.scratch }),
      cluster.addNode({ image: testImages.scratch, ...users }),
      cluster.addNode({ image: testImages.musl, ...users, init: false }),
    ]);
    for (const node of nodes) {
      await node.writeTextFile("file", node.name);
      strictEqual(await node.readTextFile("file"), node.name);
      ok(await socketsOf(node.id));
    }
  },
});

Deno.test({
  name: "what runs in a container cannot take the place of its sockets, use them, or disturb them",
  ignore,
  fn: async () => {
    await using cluster = await Cluster.create(docker({ image: testImages.busybox }), {
      progress: false,
    });
    const [one, two] = await cluster.addNodes(2) as unknown as [Node, Node];
    const [own, other] = await Promise.all([one, two].map((node) => socketsOf(node.id)));
    ok(own !== undefined && other !== undefined && own !== other);
    strictEqual((await one.run("ls", [SOCKETS_DIR])).stdout, "lease\nsession\n");
    for (const change of ["rm lease", "mv session other", "touch more", "chmod 700 ."]) {
      const { stderr } = await one.run("sh", ["-c", `cd ${SOCKETS_DIR} && ${change}`], {
        check: false,
      });
      match(stderr, /Read-only file system/, change);
    }
    for (const socket of ["lease", "session"]) {
      await using stranger = await one.connect({
        transport: "unix",
        path: `${SOCKETS_DIR}/${socket}`,
      });
      await stranger.write(new TextEncoder().encode("GET / HTTP/1.1\r\n\r\n"));
      const said = new TextDecoder().decode(await new Response(stranger.readable).bytes());
      match(said, /^[^{]{5}\{"protocol":1,"challenge":"[0-9a-f]{64}"\}$/);
    }
    strictEqual((await one.run("echo", ["here"])).stdout, "here\n");
    await one.destroy();
    await rejects(Deno.stat(own), Deno.errors.NotFound);
    await Deno.stat(other);
  },
});

Deno.test({
  name:
    "a node whose agent finds no sockets in its container is reached over TLS, and others are not",
  ignore,
  fn: async () => {
    const routes: EventDetail[] = [];
    await using cluster = await Cluster.create(docker({ image: testImages.busybox }), {
      progress: false,
    });
    const listening = (async () => {
      for await (const event of cluster.events) {
        if (event.type === "control-route") routes.push(event);
      }
    })();
    const listener = await cluster.addNode(withoutSockets);
    const caller = await cluster.addNode();
    for (const node of [listener, caller]) strictEqual((await node.run("pwd")).code, 0);
    ok((await inspect(listener.id)).Args.includes("--listen"));
    ok((await inspect(caller.id)).Args.includes("--connect"));
    await cluster[Symbol.asyncDispose]();
    await listening;
    // It says nothing of other containers.
    deepStrictEqual(routes, []);
  },
});

Deno.test({
  name: "what is in the way of sockets is told, and remembered for the engine",
  ignore,
  fn: async () => {
    await using usual = await openEngine();
    const dir = await Deno.makeTempDir();
    // An address of its own: what is remembered here concerns no other test.
    await Deno.symlink(usual.address.replace("unix://", ""), `${dir}/engine`);
    await using engine = await findEngine(selectEngine({ host: `unix://${dir}/engine` }));
    const events: EventDetail[] = [];
    const open = () =>
      ControlRoute.open(engine, {
        clusterId: crypto.randomUUID().replaceAll("-", ""),
        run: currentRun(),
        emit: (event) => events.push(event),
        signal: new AbortController().signal,
      });
    {
      await using route = await open();
      await using other = await open();
      ok(route.socketFolder());
      route.giveUp("a wall");
      other.giveUp("another wall");
      strictEqual(route.socketFolder(), undefined);
      strictEqual(other.socketFolder(), undefined);
    }
    await using route = await open();
    strictEqual(route.socketFolder(), undefined);
    const told = { type: "control-route", by: "tls", reason: "a wall" };
    const sockets = { type: "control-route", by: "sockets" };
    deepStrictEqual(events, [sockets, sockets, told, told]);
    await Deno.remove(dir, { recursive: true });
  },
});

Deno.test({
  name: "a guardian removes the sockets of a runner that was killed",
  ignore,
  fn: async () => {
    await using engine = await openEngine();
    const backend = { docker: { image: testImages.busybox } };
    await using runner = new RunnerProcess({ backend, nodes: 1, lease: 600_000 });
    const clusterId = await runner.cluster();
    await runner.outputs();
    const path = `/containers/clustertest-${clusterId}-node1/json`;
    const { Id } = await engine.call<{ Id: string }>({ what: "look", method: "GET", path });
    const sockets = await socketsOf(Id);
    await Deno.stat(sockets!);
    await runner.kill();
    const state = { clusterId, within: 60_000 };
    await awaitResources(engine, state, ({ length }) => length === 0);
    await rejects(Deno.stat(sockets!), Deno.errors.NotFound);
  },
});
