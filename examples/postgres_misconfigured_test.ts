/**
 * A PostgreSQL server that cannot start: the test is told at once, and why, rather than when a time is
 * over. It needs what `postgres_replication_test.ts` does.
 */
import { rejects } from "node:assert/strict";
import { clusterTest } from "@clustertest/clustertest";

const BIN = "/usr/lib/postgresql/15/bin";
const user = "postgres";

/** Nodes of this machine have the programs that are here; images bring their own. */
const isHere = ["local", "loopback"].includes(Deno.env.get("CLUSTERTEST_BACKEND") || "local");
const isMissing = isHere && (Deno.uid() !== 0 || !await Deno.stat(BIN).catch(() => undefined));

Deno.test({
  name: "who waits for a server that cannot start is told why, as soon as it has ended",
  ignore: isMissing,
  fn: clusterTest(async (cluster) => {
    const node = await cluster.addNode({ env: { PATH: `${BIN}:/usr/bin:/bin` } });
    await node.mkdir("data", { mode: 0o700 });
    await node.chown("data", user);
    await node.run("initdb", ["-D", "data"], { user });
    const setting = "shared_buffers = '128 MiB'\n"; // PostgreSQL calls them MB.
    await node.writeTextFile("data/postgresql.conf", setting, { append: true });

    const server = await node.spawn("postgres", ["-D", "data"], { user });
    await rejects(
      node.waitForPort(5432, { while: server, timeout: 60_000 }),
      /exited with code 1 after .*invalid value for parameter "shared_buffers": "128 MiB"/s,
    );
  }),
});
