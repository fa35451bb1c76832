import { deepStrictEqual, match, rejects, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import type { AgentPack } from "../../agent/build/agent_pack.ts";
import { obtainAgent } from "../../agent/build/obtain_agent.ts";
import { Fleet } from "../../agent/client/fleet.ts";
import { findStrays } from "../../agent/host/stray_processes.ts";
import type { NodePlace } from "../this_host/node_place.ts";
import { type LoopbackNode, openLoopbackNode } from "./process_resource.ts";

const HEARTBEAT = { interval: 5_000, timeout: 60_000 };
const ANNOUNCEMENT = '{"listening":{"hostname":"127.0.0.1","port":1}}';

/** A place for a node, and what makes nodes there; all of it is gone at the end of its scope. */
async function makeScene(): Promise<AsyncDisposable & { place: NodePlace; fleet: Fleet }> {
  await using stack = new AsyncDisposableStack();
  const rootDir = await Deno.makeTempDir({ prefix: "clustertest-loopback-" });
  const remove = () => Deno.remove(rootDir, { recursive: true }).catch(() => {});
  stack.defer(remove);
  const marker = { CLUSTERTEST_NODE: crypto.randomUUID() };
  const env = { PATH: Deno.env.get("PATH")! };
  const strays = { marker, folder: rootDir };
  let sockets = 0;
  const socketFolder = () => join(rootDir, `.s${sockets++}`);
  const address = "127.0.0.1";
  const own = { rootDir, address, networks: [], env, marker, strays };
  const place = { ...own, socketFolder, remove };
  const fleet = stack.use(Fleet.create({ heartbeat: HEARTBEAT }));
  const all = stack.move();
  return { place, fleet, [Symbol.asyncDispose]: () => all.disposeAsync() };
}

/** The same agent; what `command` gives is started in its place, if it gives anything. */
async function packWith(command: () => string[] | undefined): Promise<AgentPack> {
  const pack = await obtainAgent("native");
  return { ...pack, command: (dir) => command() ?? pack.command(dir) };
}

function open(
  { place, fleet }: { place: NodePlace; fleet: Fleet },
  pack: AgentPack,
  onTls?: (reason: string) => void,
): Promise<LoopbackNode> {
  const options = { pack, fleet, confine: true, lease: HEARTBEAT.timeout, name: "node1", onTls };
  return openLoopbackNode(place, options, new AbortController().signal);
}

Deno.test("a node is not opened when its agent ends before it was enrolled", async () => {
  await using scene = await makeScene();
  const script = `echo '${ANNOUNCEMENT}'; echo 'out of luck' >&2; exit 3`;
  const pack = await packWith(() => ["sh", "-c", script]);
  await rejects(open(scene, pack), /agent exited with code 3\n {2}out of luck/);
});

const never = (): AbortSignal => new AbortController().signal;

Deno.test("start() loses the node when no agent comes up again", async () => {
  await using scene = await makeScene();
  let starts = 0;
  const pack = await packWith(() => starts++ === 0 ? undefined : ["sh", "-c", "exit 4"]);
  const node = await open(scene, pack);
  await node.abilities.kill!.kill();
  const failure = await node.abilities.start!.start(never()).catch((error: unknown) => error);
  const { summary, cause } = await node.lost;
  match(summary, /did not come up again: .*exited with code 4/);
  strictEqual(cause, failure);
  await node.destroy();
});

Deno.test("start() that is given up leaves no agent, and can be called again", async () => {
  await using scene = await makeScene();
  const node = await open(scene, await packWith(() => undefined));
  await node.abilities.kill!.kill();
  deepStrictEqual(await findStrays(scene.place.strays), []);
  const controller = new AbortController();
  const starting = node.abilities.start!.start(controller.signal);
  const reason = new Error("not now");
  controller.abort(reason);
  await rejects(starting, (error) => error === reason);
  deepStrictEqual(await findStrays(scene.place.strays), []);
  await node.abilities.start!.start(never());
  strictEqual((await node.host.network.hostname()).length > 0, true);
  await node.destroy();
});

Deno.test("a node that a kill cannot end wholly is lost, and can be given back", async () => {
  await using scene = await makeScene();
  const node = await open(scene, await packWith(() => undefined));
  let downs = 0;
  const resource = node.resource;
  const kill = resource.kill.bind(resource);
  resource.kill = async (agent, onDown) => {
    await kill(agent, onDown);
    throw new Error("some of it goes on");
  };
  await rejects(node.abilities.kill!.kill(() => downs++), /some of it goes on/);
  strictEqual((await node.lost).summary, "it could not be killed: some of it goes on");
  strictEqual(downs, 1);
  await node.destroy();
});

Deno.test("destroy() during start() leaves no agent", async () => {
  await using scene = await makeScene();
  const node = await open(scene, await packWith(() => undefined));
  await node.abilities.kill!.kill();
  const starting = rejects(node.abilities.start!.start(never()), Deno.errors.Interrupted);
  await node.destroy();
  await starting;
  deepStrictEqual(await findStrays(scene.place.strays), []);
});

Deno.test("a node is reached over TLS, and says why, where the path of its sockets is too long", async () => {
  await using scene = await makeScene();
  const socketFolder = () => join(scene.place.rootDir, "x".repeat(100));
  const reasons: string[] = [];
  const place = { ...scene.place, socketFolder };
  const pack = await packWith(() => undefined);
  const node = await open({ ...scene, place }, pack, (reason) => reasons.push(reason));
  match(await node.host.network.hostname(), /./);
  strictEqual(reasons.length, 1);
  match(reasons[0]!, /path has 100 bytes or more$/);
  await node.destroy();
});

Deno.test("a node is reached over TLS, and says why, where its agent cannot connect to a socket", async () => {
  await using scene = await makeScene();
  let starts = 0;
  const reasons: string[] = [];
  const pack = await packWith(() => starts++ === 0 ? ["sh", "-c", "exit 5"] : undefined);
  const node = await open(scene, pack, (reason) => reasons.push(reason));
  match(await node.host.network.hostname(), /./);
  deepStrictEqual(reasons, ["the agent could not connect to a socket of this program"]);
  const names = [...Deno.readDirSync(scene.place.rootDir)].map(({ name }) => name);
  deepStrictEqual(names.filter((name) => name.startsWith(".s")), []);
  await node.destroy();
});
