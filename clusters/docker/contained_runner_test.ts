import { match } from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { Cluster } from "../cluster/mod.ts";
import { docker } from "./mod.ts";
import { haveEngine, seesThisMachine, testImages } from "./testing/engine.ts";
import { run } from "./testing/run.ts";

const ignore = !await haveEngine() || !await seesThisMachine();

/** By its name, the engine is one of another machine. */
const NOT_HERE = /^hello\ntls the engine is not one of this machine, or [^\n]+\n$/;

/** By its name, the engine is one of this machine; but it has not the files of this program. */
const CANNOT_MOUNT =
  /^hello\nsockets \ntls the engine has other files than this program: [^\n]+\n$/;

/** A runner that makes a node, has it greet, and looks for the other node by its name. */
const PROGRAM = `
  import { Cluster } from "@clustertest/clustertest";
  import { docker } from "@clustertest/clustertest/docker";
  try {
    await using cluster = await Cluster.create(docker({ image: "${testImages.busybox}" }), {
      progress: false,
    });
    const [one, two] = await cluster.addNodes(2);
    await one.run("ping", ["-c", "1", "-w", "60", "node2"]);
    await one.run("ping", ["-c", "1", "-w", "60", two.address]);
    console.log((await one.run("echo", ["hello"])).stdout.trim());
    await cluster[Symbol.asyncDispose]();
    const read = "cat .clustertest/runs/*/*/events.jsonl";
    const { stdout } = await new Deno.Command("sh", { args: ["-c", read] }).output();
    for (const line of new TextDecoder().decode(stdout).trim().split("\\n")) {
      const { type, by, reason = "" } = JSON.parse(line);
      if (type === "control-route") console.log(by, reason);
    }
  } catch (error) {
    console.log(error.message);
  }`;

/** Runs it in a container that has the engine's socket, as CI systems do; resolves to what it wrote. */
async function runInContainer(network: string): Promise<string> {
  const checkout = fileURLToPath(new URL("../../", import.meta.url)).replace(/\/$/, "");
  const { denoDir } = JSON.parse(await run(Deno.execPath(), ["info", "--json"]));
  const cache = Deno.env.get("CLUSTERTEST_CACHE") || `${Deno.env.get("HOME")}/.cache/clustertest`;
  const mounts = [
    "/var/run/docker.sock:/var/run/docker.sock",
    `${Deno.execPath()}:/usr/local/bin/deno:ro`,
    ...[checkout, denoDir, cache].map((path) => `${path}:${path}`),
  ];
  const variables = { DENO_DIR: denoDir, CLUSTERTEST_CACHE: cache, NO_COLOR: "1" };
  return await run("docker", [
    ...["run", "--rm", "--network", network, "--workdir", "/tmp"],
    ...mounts.flatMap((mount) => ["--volume", mount]),
    ...Object.entries(variables).flatMap(([name, value]) => ["--env", `${name}=${value}`]),
    // By the lock file, since whoever has installed by it has not fetched what lists of versions there are.
    ...[testImages.glibc, "deno", "eval", "--no-check", "--frozen", "--cached-only"],
    ...["--config", `${checkout}/deno.json`, PROGRAM],
  ]);
}

/** Has this machine make the agent, for which a container might have to fetch something. */
async function makeAgent(): Promise<void> {
  const backend = docker({ image: testImages.busybox });
  await using cluster = await Cluster.create(backend, { progress: false });
  await cluster.addNode();
}

/** Runners reach their nodes, whichever network they are in. */
async function reachNodes(): Promise<void> {
  const network = `clustertest-runner-${crypto.randomUUID().slice(0, 8)}`;
  await run("docker", ["network", "create", network]);
  try {
    for (const each of ["bridge", network, "host"]) {
      const output = await runInContainer(each);
      match(output, each === "host" ? CANNOT_MOUNT : NOT_HERE, each);
    }
  } finally {
    await run("docker", ["network", "rm", network]);
  }
}

/** A runner without a network is told what to do, at its first node. */
async function reachNone(): Promise<void> {
  const output = await runInContainer("none");
  match(output, /its agent listens, and was not reached at 127\.0\.0\.1:\d+ within 30 s/);
  match(output, /let that be in a network of the same engine/);
}

Deno.test({
  name:
    "a runner in a container of the engine reaches its nodes in any network, and is told what to do in none",
  ignore,
  fn: async () => {
    await makeAgent();
    // Side by side, since the second one waits for half a minute.
    const outcomes = await Promise.allSettled([reachNodes(), reachNone()]);
    for (const outcome of outcomes) if (outcome.status === "rejected") throw outcome.reason;
  },
});
