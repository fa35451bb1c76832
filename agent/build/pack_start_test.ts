import { rejects, strictEqual } from "node:assert/strict";
import { dirname, join } from "node:path";
import { requirement } from "../../clusters/requirement.ts";
import { Fleet, type FleetAgent } from "../client/fleet.ts";
import type { AgentPack } from "./agent_pack.ts";
import { obtainAgent } from "./obtain_agent.ts";

/** A system call emulator for programs of the other architecture. */
const EMULATOR = "qemu-aarch64-static";

/** Mounts what every container has, and enters the root. */
const ENTER = 'mount -t proc proc "$0/proc" && exec chroot "$0" "$@"';
const NAMESPACES = ["--map-root-user", "--mount", "--pid", "--fork", "--kill-child"];

const namespaces = await requirement("namespaces", async () => {
  const { success, stderr } = await new Deno.Command("unshare", { args: [...NAMESPACES, "true"] })
    .output();
  if (!success) throw new Error(new TextDecoder().decode(stderr).trim());
  return "unshare";
});

const emulator = await requirement("qemu", async () => {
  await new Deno.Command(EMULATOR, { args: ["--version"], stdout: "null" }).output();
  return EMULATOR;
});

Deno.test({
  name: "the pack for x86_64 serves a runner in an empty root file system",
  ignore: namespaces === undefined || Deno.build.arch !== "x86_64",
  fn: async () => {
    const pack = await obtainAgent("x86_64-unknown-linux-gnu");
    const root = await Deno.makeTempDir({ dir: dirname(pack.dir), prefix: "root-" });
    try {
      await installPack(pack, join(root, "agent"));
      await Deno.mkdir(join(root, "proc"));
      const enter = ["unshare", ...NAMESPACES, "sh", "-c", ENTER, root];
      await using agent = await startAgent([...enter, ...pack.command("/agent")], pack);
      await checkServes(agent.connection);
      const { processes } = agent.connection.host;
      await rejects(processes.start({ command: "sh", args: [] }), Deno.errors.NotFound);
    } finally {
      await Deno.remove(root, { recursive: true });
    }
  },
});

Deno.test({
  name: "the pack for aarch64 serves a runner on its architecture",
  ignore: emulator === undefined,
  fn: async () => {
    const pack = await obtainAgent("aarch64-unknown-linux-gnu");
    await using agent = await startAgent([EMULATOR, ...pack.command(pack.dir)], pack);
    strictEqual(agent.connection.host.info.arch, "aarch64");
    await checkServes(agent.connection);
  },
});

/** What needs nothing but the agent itself. */
async function checkServes({ host: { files, network } }: FleetAgent): Promise<void> {
  const writer = (await files.write("folder/file")).getWriter();
  await writer.write(new TextEncoder().encode("content"));
  await writer.close();
  strictEqual(await new Response(await files.read("folder/file")).text(), "content");
  await using listener = await network.listen({ transport: "tcp", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  await using connection = await network.dial({ transport: "tcp", port });
  strictEqual((connection.remoteAddr as Deno.NetAddr).port, port);
}

/** Links where that is possible: a pack has a hundred megabytes. */
async function installPack(pack: AgentPack, dir: string): Promise<void> {
  for (const { path } of pack.files) {
    await Deno.mkdir(dirname(join(dir, path)), { recursive: true });
    await Deno.link(join(pack.dir, path), join(dir, path))
      .catch(() => Deno.copyFile(join(pack.dir, path), join(dir, path)));
  }
}

/** An agent and the connection to it. */
interface StartedAgent extends AsyncDisposable {
  readonly connection: FleetAgent;
}

async function startAgent([command, ...args]: string[], pack: AgentPack): Promise<StartedAgent> {
  await using stack = new AsyncDisposableStack();
  const fleet = stack.use(Fleet.create({ heartbeat: { interval: 1_000, timeout: 60_000 } }));
  using launch = fleet.launch();
  const root = await Deno.makeTempDir();
  stack.defer(() => Deno.remove(root, { recursive: true }));
  const child = new Deno.Command(command!, {
    args: [...args, "--listen", "127.0.0.1:0", "--root", join(root, "node")],
    env: { ...pack.env, PATH: "/usr/sbin:/usr/bin:/sbin:/bin" },
    clearEnv: true,
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  stack.defer(() => end(child));
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(JSON.stringify(launch.document)));
  await writer.close();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const { listening } = JSON.parse((await reader.read()).value ?? "");
  await reader.cancel();
  const connection = stack.use(await launch.connect(listening, { name: "node" }));
  const owned = stack.move();
  return { connection, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

async function end(child: Deno.ChildProcess): Promise<void> {
  child.kill("SIGKILL");
  await child.status;
}
