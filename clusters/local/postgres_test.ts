import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { Cluster } from "../cluster/mod.ts";
import { unusualPort } from "../conformance/unusual_port.ts";
import { CommandError } from "../errors.ts";
import { requirement } from "../requirement.ts";
import { local } from "./backend.ts";

/** The folder of the programs: Debian has one for each version. */
const programs = await requirement("PostgreSQL", async () => {
  if (Deno.uid() !== 0) throw new Error(`the user is ${Deno.uid()}, and not root`);
  const versions = await Array.fromAsync(Deno.readDir("/usr/lib/postgresql"), ({ name }) => name);
  return await Deno.realPath(`/usr/lib/postgresql/${versions.sort().at(-1)}/bin`);
});

/** What a process was started with: nothing of one that has ended, though nobody has asked how. */
async function commandOf(pid: number): Promise<string> {
  return await Deno.readTextFile(`/proc/${pid}/cmdline`).catch(() => "");
}

Deno.test({
  name:
    "a local node of root runs PostgreSQL as another user, reaches it, and leaves nothing of it",
  ignore: programs === undefined,
  fn: async () => {
    const user = "nobody";
    await using cluster = await Cluster.create(local());
    const env = { PATH: `${programs}:${Deno.env.get("PATH")}` };
    const [node, other] = await cluster.addNodes(2, { env });
    await node.mkdir("data");
    // PostgreSQL refuses to be root, and a folder that is not its own.
    await rejects(node.run("initdb", ["data"]), /CommandError: .*cannot be run as root/s);
    await rejects(node.run("initdb", ["data"], { user }), CommandError);
    await node.chown("data", `${user}:`);
    await node.chmod("data", 0o700);
    await node.run("initdb", ["data", "--auth=trust"], { user });
    const port = unusualPort();
    const settings = `-p ${port} -k '' -c fsync=off`;
    // It listens at 127.0.0.1 alone, and goes on as a daemon of its own session.
    const start = ["start", "-D", "data", "-l", "data/log", "-w", "-o", settings];
    await node.run("pg_ctl", start, { user });
    const pid = Number((await node.readTextFile("data/postmaster.pid")).split("\n")[0]);
    await node.waitForPort(port);
    await using forward = await node.forward(port);
    const ask = ["-h", "127.0.0.1", "-p", `${forward.port}`, "-XAtc", "SELECT current_user"];
    strictEqual((await node.run("psql", [...ask, "postgres"], { user })).stdout, `${user}\n`);
    await rejects(other.connect({ port }), /ConnectionRefused: .* "postgres" .*, of node "node1"/);
    ok((await commandOf(pid)).includes("postgres"));
    await node.stop();
    strictEqual(await commandOf(pid), "");
    deepStrictEqual(cluster.nodes, [other]);
  },
});
