/**
 * Engines that are reached as remote ones are: by TLS, and by SSH. They run on this machine.
 *
 * @module
 */
import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { Cluster } from "../cluster/cluster.ts";
import { docker } from "./backend.ts";
import { listResources } from "./list_resources.ts";
import { awaitResources } from "./testing/await_resources.ts";
import { haveEngine, openEngine, testImages } from "./testing/engine.ts";
import { canStartEngines, makeCertificates, PrivateEngine } from "./testing/private_engine.ts";
import { RunnerProcess } from "../testing/runner_process.ts";
import { SshServer } from "./testing/ssh_server.ts";

const ignore = !await haveEngine() || !await canStartEngines("openssl", "ssh-keygen", "sshd");
const image = testImages.busybox;

async function startEngine(certificates?: string): Promise<PrivateEngine> {
  const engine = await PrivateEngine.start(certificates === undefined ? {} : { certificates });
  await using usual = await openEngine();
  await engine.load(image, usual);
  return engine;
}

/** A folder of which an image is built. */
async function contextOf(content: string): Promise<string> {
  const context = await Deno.makeTempDir();
  await Deno.writeTextFile(join(context, "Dockerfile"), `FROM ${image}\nCOPY file /file\n`);
  await Deno.writeTextFile(join(context, "file"), content);
  return context;
}

async function expectEmpty(engine: PrivateEngine): Promise<void> {
  await using connection = await engine.connect();
  const left = await listResources(connection);
  deepStrictEqual(left.map(({ labels }) => labels.role), ["agent"]);
}

Deno.test({
  name: "an engine behind TLS gives nodes to who has a certificate, and to nobody else",
  ignore,
  fn: async () => {
    const certificates = await Deno.makeTempDir();
    await makeCertificates(certificates);
    await using engine = await startEngine(certificates);
    const { host } = engine;
    {
      const backend = docker({ host, image, certPath: certificates });
      await using cluster = await Cluster.create(backend, { progress: false });
      const node = await cluster.addNode();
      strictEqual((await node.run("hostname")).stdout, "node1\n");
      await node.restart();
      strictEqual((await node.run("hostname")).stdout, "node1\n");
    }
    const context = await contextOf("over TLS");
    {
      const backend = docker({ host, image: { context }, certPath: certificates });
      await using cluster = await Cluster.create(backend, { progress: false });
      strictEqual(await (await cluster.addNode()).readTextFile("/file"), "over TLS");
    }
    await expectEmpty(engine);

    const stranger = await Deno.makeTempDir();
    await Deno.copyFile(join(certificates, "ca.pem"), join(stranger, "ca.pem"));
    const refused = docker({ host, image, certPath: stranger });
    await rejects(
      Cluster.create(refused, { progress: false }),
      /no engine was found[^]*certificate/i,
    );
    for (const dir of [certificates, stranger, context]) {
      await Deno.remove(dir, { recursive: true });
    }
  },
});

Deno.test({
  name: "an engine behind SSH gives nodes over one login",
  ignore,
  fn: async () => {
    await using engine = await startEngine();
    await using server = await SshServer.start();
    const before = await server.logins();
    const socket = engine.host.slice("unix://".length);
    const host = `ssh://root@127.0.0.1:${server.port}${socket}`;
    const PATH = `${server.bin}:${Deno.env.get("PATH")}`;
    const context = await contextOf("over SSH");
    const plan = { backend: { docker: { host, image: { context } } }, nodes: 3, lease: 600_000 };
    await using runner = new RunnerProcess(plan, { PATH });
    await runner.cluster();
    deepStrictEqual(await runner.outputs(), ["node1", "node2", "node3"]);
    strictEqual(await server.logins(), before + 1);
    strictEqual(await runner.end(), true);
    await server.empty();
    await expectEmpty(engine);
    await Deno.remove(context, { recursive: true });
  },
});

Deno.test({
  name: "an engine behind SSH is swept by the guardian when its runner is killed",
  ignore,
  fn: async () => {
    await using engine = await startEngine();
    await using server = await SshServer.start();
    const host = `ssh://root@127.0.0.1:${server.port}${engine.host.slice("unix://".length)}`;
    const PATH = `${server.bin}:${Deno.env.get("PATH")}`;
    const plan = { backend: { docker: { host, image } }, nodes: 2, lease: 600_000 };
    await using runner = new RunnerProcess(plan, { PATH });
    const clusterId = await runner.cluster();
    await runner.outputs();
    await runner.kill();
    await using connection = await engine.connect();
    await awaitResources(connection, { clusterId, within: 60_000 }, ({ length }) => length === 0);
    await server.empty();
  },
});
