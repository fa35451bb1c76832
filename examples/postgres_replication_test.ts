/**
 * PostgreSQL's streaming replication: a standby has what its primary has committed, and takes over
 * when that crashes. It needs Debian's package `postgresql`, and nodes that are root, since PostgreSQL
 * refuses to be: run it as root, or on containers of an image such as `postgres:15`.
 */
import { strictEqual } from "node:assert/strict";
import { clusterTest, eventually, type Node } from "@clustertest/clustertest";

const BIN = "/usr/lib/postgresql/15/bin";
const user = "postgres";

/** Nodes of this machine have the programs that are here; images bring their own. */
const isHere = ["local", "loopback"].includes(Deno.env.get("CLUSTERTEST_BACKEND") || "local");
const isMissing = isHere && (Deno.uid() !== 0 || !await Deno.stat(BIN).catch(() => undefined));

/** Starts a server on the node's folder `data`, which the node itself and others reach. */
async function start(node: Node): Promise<void> {
  const settings = [`listen_addresses=${node.address}`, "unix_socket_directories="];
  const args = ["-D", "data", ...settings.flatMap((setting) => ["-c", setting])];
  const server = await node.spawn("postgres", args, { user, essential: true });
  await server.waitForOutput(/ready to accept .*connections/);
}

async function ask(node: Node, statement: string): Promise<string> {
  const { stdout } = await node.run("psql", ["-h", node.address, "-XAtqc", statement], { user });
  return stdout.trim();
}

Deno.test({
  name: "a standby has what its primary has committed, and takes over when that crashes",
  ignore: isMissing,
  fn: clusterTest({ needs: ["kill"], timeout: 120_000 }, async (cluster) => {
    const [primary, standby] = await cluster.addNodes(2, { env: { PATH: `${BIN}:/usr/bin:/bin` } });
    await cluster.each(async (node) => {
      await node.mkdir("data", { mode: 0o700 });
      await node.chown("data", user);
    });

    await primary.run("initdb", ["-D", "data", "--auth=trust"], { user });
    const access = "host all,replication all all trust\n";
    await primary.writeTextFile("data/pg_hba.conf", access, { append: true });
    await start(primary);
    await standby.run("pg_basebackup", ["-h", primary.address, "-D", "data", "-R"], { user });
    await start(standby);

    await ask(primary, "CREATE TABLE colours (name text); INSERT INTO colours VALUES ('blue')");
    const names = "SELECT string_agg(name, ' ' ORDER BY name) FROM colours";
    await eventually(async () => strictEqual(await ask(standby, names), "blue"));

    await primary.kill();
    strictEqual(await ask(standby, "SELECT pg_promote()"), "t");
    await ask(standby, "INSERT INTO colours VALUES ('green')");
    strictEqual(await ask(standby, names), "blue green");
  }),
});
