/**
 * What a user of the Docker backend sees, on a real engine, beyond what all backends have. What takes
 * longer, and what harms an engine, is in the files that `deno task test:long` runs.
 *
 * @module
 */
import { deepStrictEqual, match, rejects, strictEqual } from "node:assert/strict";
import { Cluster } from "../cluster/cluster.ts";
import { NodeLostError } from "../errors.ts";
import type { Node } from "../node/node.ts";
import type { ClusterOptions } from "../cluster/cluster_options.ts";
import { currentRun } from "../ownership/current_run.ts";
import { docker } from "./backend.ts";
import type { DockerNodeOptions, DockerOptions } from "./docker_options.ts";
import type { Engine } from "./engine/engine.ts";
import { listResources } from "./list_resources.ts";
import { local } from "../local/mod.ts";
import { haveEngine, openEngine, testImages } from "./testing/engine.ts";

const ignore = !await haveEngine();

function make(
  options: DockerOptions = {},
  clusterOptions: ClusterOptions = {},
): Promise<Cluster<DockerNodeOptions>> {
  const backend = docker({ image: testImages.busybox, ...options });
  return Cluster.create(backend, { progress: false, ...clusterOptions });
}

/** What an engine knows of a container. */
async function inspect(id: string): Promise<string> {
  await using engine = await openEngine();
  const path = `/containers/${id}/json`;
  return JSON.stringify(await engine.call({ what: "inspect", method: "GET", path }));
}

function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, ignore, fn });
}

test("docker() gives nodes on which commands run and files are kept", async () => {
  await using cluster = await make();
  const node = await cluster.addNode({ name: "alpha" });
  await node.writeTextFile("a/b.txt", "hello");
  const { stdout } = await node.run("cat", ["a/b.txt"]);
  strictEqual(stdout, "hello");
  strictEqual(await node.hostname(), "alpha");
  strictEqual(node.rootDir, "/clustertest/node/root");
});

test("a folder goes into / of an image whose /lib is a link", async () => {
  const dir = await Deno.makeTempDir();
  await using _ = { [Symbol.asyncDispose]: () => Deno.remove(dir, { recursive: true }) };
  await Deno.chmod(dir, 0o755);
  await Deno.mkdir(`${dir}/lib/ours`, { recursive: true });
  await Deno.writeTextFile(`${dir}/lib/ours/file`, "content");
  await using cluster = await make({ image: testImages.glibc });
  const node = await cluster.addNode();
  const link = await node.readLink("/lib");
  await node.upload(dir, "/");
  strictEqual(await node.readLink("/lib"), link);
  strictEqual(await node.readTextFile(`/${link}/ours/file`), "content");
  strictEqual((await node.run("cat", ["/lib/ours/file"])).stdout, "content");
});

test("docker() gives nodes that reach each other by address and by name", async () => {
  await using cluster = await make();
  const [one, two] = await cluster.addNodes(2);
  await using listener = await two.listen({ port: 7000 });
  const answering = (async () => {
    for await (const connection of listener) {
      await connection.write(new TextEncoder().encode("here"));
      await connection[Symbol.asyncDispose]();
    }
  })();
  for (const host of [two.address, "node2"]) {
    strictEqual((await one.run("nc", [host, "7000"])).stdout, "here");
  }
  await listener[Symbol.asyncDispose]();
  await answering;
});

test("docker() gives each node of a cluster what it asks for", async () => {
  await using cluster = await make({ env: { COLOUR: "blue" } });
  const [busybox, musl] = await Promise.all([
    cluster.addNode({ memory: "128m", env: { SIZE: "small" } }),
    cluster.addNode({
      image: testImages.musl,
      user: "65534:65534",
      readOnlyRoot: true,
      tmpfs: { "/scratch": "size=1m,mode=1777" },
      sysctls: { "net.core.somaxconn": "77" },
      capabilities: { drop: ["ALL"] },
    }),
  ]);
  const sh = async (node: typeof busybox, script: string): Promise<string> =>
    (await node.run("sh", ["-c", script])).stdout.trim();
  strictEqual(await sh(busybox, "echo $COLOUR $SIZE; id -u"), "blue small\n0");
  strictEqual(await sh(musl, "echo $COLOUR $SIZE; id -u; id -g"), "blue\n65534\n65534");
  strictEqual(await sh(musl, "cat /proc/sys/net/core/somaxconn; touch here && echo ok"), "77\nok");
  await rejects(musl.run("touch", ["/file"]), /Read-only file system/);
  await rejects(musl.run("dd", ["if=/dev/zero", "of=/scratch/x", "bs=64k"]), /No space left/);
});

test("docker() reaches nodes whatever becomes of their network", async () => {
  await using cluster = await make();
  const [one, two] = await cluster.addNodes(2);
  await using listener = await two.listen({ port: 7000 });
  await using engine = await openEngine();
  const path = `/networks/clustertest-${cluster.id}/disconnect`;
  const body = { Container: two.id };
  await engine.call({ what: "cut a node off", method: "POST", path, body });
  const signal = AbortSignal.timeout(2000);
  await rejects(one.connect({ hostname: two.address, port: 7000, signal }));
  strictEqual((await two.run("echo", ["here"])).stdout, "here\n");
  await listener[Symbol.asyncDispose]();
});

test("docker() joins a network that exists, and leaves it alone", async () => {
  await using engine = await openEngine();
  const name = `test-${crypto.randomUUID()}`;
  const body = { Name: name };
  await engine.call({ what: "make a network", method: "POST", path: "/networks/create", body });
  {
    await using cluster = await make({ network: name });
    const [one, two] = await cluster.addNodes(2);
    match((await one.run("nslookup", ["node2"])).stdout, new RegExp(`\\b${two.address}\\b`));
  }
  await engine.call({ what: "remove a network", method: "DELETE", path: `/networks/${name}` });
});

test("docker() gives nodes in the network of the engine's machine itself", async () => {
  await using cluster = await make({ network: "host" });
  const nodes = await cluster.addNodes(2);
  const outputs = await Promise.all(nodes.map((node) => node.run("hostname")));
  for (const { stdout } of outputs) strictEqual(stdout.trim(), Deno.hostname());
});

test("docker() mounts volumes and folders, and gives back those that have no name", async () => {
  const dir = await Deno.makeTempDir();
  await Deno.writeTextFile(`${dir}/given`, "from outside");
  await using cluster = await make({
    volumes: { "/data": {}, "/outside": { source: dir, readOnly: true } },
  });
  const node = await cluster.addNode();
  await node.writeTextFile("/data/file", "kept");
  strictEqual(await node.readTextFile("/outside/given"), "from outside");
  await rejects(node.writeTextFile("/outside/taken", ""), /Read-only file system/);
  await node.destroy();
  await using engine = await openEngine();
  const found = await listResources(engine, { clusterId: cluster.id });
  deepStrictEqual(found.map(({ kind }) => kind), ["network"]);
  await Deno.remove(dir, { recursive: true });
});

test("docker() runs the agent where there is nothing but it", async () => {
  await using cluster = await make({ image: testImages.scratch, user: "1234", readOnlyRoot: true });
  const node = await cluster.addNode();
  await node.writeTextFile("file", "content");
  strictEqual(await node.readTextFile("file"), "content");
  await rejects(node.run("sh"), Deno.errors.NotFound);
});

test("docker() takes an image's user and variables, and nothing else of what it says", async () => {
  await using engine = await openEngine();
  const image = `clustertest-test/configured-${crypto.randomUUID()}`;
  const changes = [
    ...["USER 1234:1234", "ENV COLOUR=red", "VOLUME /data", "HEALTHCHECK CMD false"],
    ...['ENTRYPOINT ["/bin/false"]', 'CMD ["nonsense"]', "WORKDIR /nowhere"],
  ];
  await makeImage(engine, image, changes);
  const made: string[] = [];
  {
    await using cluster = await make({ image });
    const node = await cluster.addNode();
    made.push(...await volumesAt(engine, node.id, "/data"));
    const { stdout } = await node.run("sh", ["-c", "id -u; id -g; echo $COLOUR; pwd"]);
    strictEqual(stdout, `1234\n1234\nred\n${node.rootDir}\n`);
  }
  strictEqual(made.length, 1);
  const volumes = await volumeNames(engine);
  deepStrictEqual(made.filter((name) => volumes.includes(name)), []);
  await engine.call({ what: "remove", method: "DELETE", path: `/images/${image}` });
});

/** Makes an image with these instructions on top of another. */
async function makeImage(engine: Engine, image: string, changes: string[]): Promise<void> {
  const body = { Image: testImages.busybox, Cmd: ["true"] };
  const path = "/containers/create";
  const { Id } = await engine.call<{ Id: string }>({ what: "create", method: "POST", path, body });
  const query = { container: Id, repo: image, changes: changes.join("\n") };
  await engine.call({ what: "commit", method: "POST", path: "/commit", query });
  await engine.call({ what: "remove", method: "DELETE", path: `/containers/${Id}` });
}

/** Names of the volumes that a container has at a path. */
async function volumesAt(engine: Engine, container: string, path: string): Promise<string[]> {
  interface Mount {
    readonly Name?: string;
    readonly Destination: string;
  }
  const call = { what: "inspect", method: "GET", path: `/containers/${container}/json` } as const;
  const { Mounts } = await engine.call<{ Mounts: Mount[] }>(call);
  return Mounts.flatMap(({ Name, Destination }) => Name && Destination === path ? [Name] : []);
}

/** Names of the volumes that the engine has. */
async function volumeNames(engine: Engine): Promise<string[]> {
  const call = { what: "list volumes", method: "GET", path: "/volumes" } as const;
  const { Volumes } = await engine.call<{ Volumes: { Name: string }[] | null }>(call);
  return (Volumes ?? []).map(({ Name }) => Name);
}

test("docker() shows nothing of the agent to what runs on a node", async () => {
  await using cluster = await make();
  const node = await cluster.addNode();
  const { stdout } = await node.run("env", []);
  const names = stdout.trim().split("\n").map((line) => line.split("=")[0]);
  deepStrictEqual(names.filter((name) => /^(DENO|LD|NO_COLOR)/.test(name!)), []);
});

test("docker() shows no secrets, publishes on loopback alone, and labels everything", async () => {
  await using cluster = await make({ ports: [{ port: 7000 }] });
  const node = await cluster.addNode();
  const shown = await inspect(node.id);
  strictEqual(/PRIVATE KEY|BEGIN|token/i.test(shown), false);
  const published = Object.values(JSON.parse(shown).HostConfig.PortBindings) as {
    HostIp: string;
  }[][];
  const addresses = published.flat().map(({ HostIp }) => HostIp);
  deepStrictEqual(new Set(addresses), new Set(["127.0.0.1"]));
  await using engine = await openEngine();
  const found = await listResources(engine, { clusterId: cluster.id });
  deepStrictEqual(found.map(({ kind }) => kind).sort(), ["container", "network", "volume"]);
  deepStrictEqual(new Set(found.map(({ labels }) => labels.run)), new Set([currentRun().id]));
});

test("docker() publishes further ports when asked to", async () => {
  await using cluster = await make({ ports: [{ port: 7000 }] });
  const node = await cluster.addNode();
  await using listener = await node.listen({ port: 7000 });
  const { NetworkSettings } = JSON.parse(await inspect(node.id));
  const port = Number(NetworkSettings.Ports["7000/tcp"][0].HostPort);
  const accepted = listener.accept();
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  await (await accepted).write(new TextEncoder().encode("hi"));
  const buffer = new Uint8Array(8);
  strictEqual(await connection.read(buffer), 2);
});

test("docker() lets a hook change the request for a container", async () => {
  await using cluster = await make({
    customize: (request, { name }) => {
      request.Labels = { ...request.Labels as object, hooked: name };
    },
  });
  const node = await cluster.addNode();
  match(await inspect(node.id), /"hooked":"node1"/);
});

test("docker() leaves nothing behind when its cluster is disposed", async () => {
  const cluster = await make();
  await cluster.addNodes(3);
  await cluster[Symbol.asyncDispose]();
  await using engine = await openEngine();
  deepStrictEqual(await listResources(engine, { clusterId: cluster.id }), []);
});

test("Cluster.addNodes() makes all nodes or none, and says what went wrong", async () => {
  await using cluster = await make();
  await cluster.addNode();
  const failing: DockerNodeOptions = {
    customize: (request, { name }) => {
      if (name === "more-2") request.Entrypoint = ["/bin/sh", "-c", "echo oh dear >&2; exit 7"];
    },
  };
  const error = await cluster.addNodes(3, { name: "more", ...failing }).catch((error) => error);
  match(error.message, /Cannot start node "more-2" from the image ".*busybox"/);
  match(error.message, /its container ended with exit code 7[^]*oh dear/);
  await using engine = await openEngine();
  const found = await listResources(engine, { clusterId: cluster.id });
  strictEqual(found.filter(({ kind }) => kind === "container").length, 1);
});

test("Cluster.addNodes() of a list makes containers that differ, all of them or none", async () => {
  await using cluster = await make();
  const [debian, busybox] = await cluster.addNodes([
    { name: "debian", image: testImages.glibc, user: "65534" },
    { env: { COLOUR: "blue" } },
  ]);
  strictEqual((await debian.run("cat", ["/etc/debian_version"])).code, 0);
  strictEqual((await debian.run("id", ["-u"])).stdout, "65534\n");
  deepStrictEqual((await busybox.run("sh", ["-c", "echo $COLOUR; id -u"])).stdout, "blue\n0\n");
  await rejects(busybox.stat("/etc/debian_version"), Deno.errors.NotFound);
  const list = [{ name: "good" }, { name: "bad", image: "no-such-image", pull: "never" }] as const;
  await rejects(cluster.addNodes(list), /no-such-image/);
  deepStrictEqual(cluster.nodes, [debian, busybox]);
  await rejects(cluster.addNodes([{}, { imgae: "x" } as object]), /node 2 of 2: .*"image"\?$/);
});

test("copyTo() goes from a container to a local node, and back, as the users that they are", async () => {
  await using containers = await make({ image: testImages.glibc, user: "65534" });
  await using folders = await Cluster.create(local(), { progress: false });
  const [box, here] = [await containers.addNode({ name: "box" }), await folders.addNode()];
  await box.copyTo("/etc/debian_version", here, "version");
  await here.writeTextFile("tree/program", "#!/bin/sh\necho ran", { mode: 0o755 });
  await here.copyTo("tree", box, "tree");
  strictEqual((await box.run("./tree/program")).stdout, "ran\n");
  strictEqual(await here.readTextFile("version"), await box.readTextFile("/etc/debian_version"));
  await rejects(here.copyTo("tree", box, "/etc/tree"), Deno.errors.PermissionDenied);
  await rejects(box.copyTo("/etc/shadow", here, "shadow"), /box:\/etc\/shadow.*\(node "box"/);
});

test("Cluster.addNode() gives up when an agent does not come", async () => {
  await using cluster = await make({
    startTimeout: 1000,
    customize: (request) => void (request.Entrypoint = ["/bin/sleep", "1000"]),
  });
  await rejects(cluster.addNode(), /its agent was not reached within 1 s[^]*its container runs/);
  await using engine = await openEngine();
  const found = await listResources(engine, { clusterId: cluster.id });
  deepStrictEqual(found.map(({ kind }) => kind), ["network"]);
});

test("Cluster.addNode() leaves nothing behind when it is aborted, whenever that is", async () => {
  await using cluster = await make();
  await cluster.addNode();
  // Later and later, until a node is there before that.
  let added: Node | undefined;
  for (let delay = 0; added === undefined; delay += 40) {
    const signal = AbortSignal.timeout(delay);
    added = await cluster.addNode({ name: `late${delay}`, signal }).catch((error) => {
      strictEqual(error, signal.reason);
      return undefined;
    });
  }
  await added.destroy();
  await using engine = await openEngine();
  const found = await listResources(engine, { clusterId: cluster.id });
  deepStrictEqual(found.map(({ kind }) => kind).sort(), ["container", "network", "volume"]);
});

test("Cluster.addNode() says what the engine has against a container", async () => {
  await using cluster = await make();
  await rejects(cluster.addNode({ sysctls: { "kernel.nonsense": "1" } }), /kernel\.nonsense/);
  await rejects(cluster.addNode({ network: "nonsense" }), /network nonsense not found/);
  await rejects(cluster.addNode({ image: "nonsense", pull: "never" }), /pull is "never"/);
});

test("Node.kill() ends beside destroy()", async () => {
  await using cluster = await make();
  const node = await cluster.addNode();
  await Promise.allSettled([node.kill(), node.destroy()]);
  strictEqual(cluster.nodes.length, 0);
});

test("Node.stop() lets what runs there end by itself", async () => {
  await using cluster = await make();
  const node = await cluster.addNode();
  await node.run("true");
  await node.stop();
  await using engine = await openEngine();
  const found = await listResources(engine, { clusterId: cluster.id });
  deepStrictEqual(found.map(({ kind }) => kind), ["network"]);
});

test("a process that needs more memory than its node has is killed, and nothing else", async () => {
  await using cluster = await make();
  const node = await cluster.addNode({ memory: "256m" });
  const ended = /ended by SIGKILL, since the kernel ran out of memory for it/;
  await rejects(node.run("tail", ["/dev/zero"]), ended);
  await using process = await node.spawn("tail", ["/dev/zero"]);
  const { signal, outOfMemory } = await process.status;
  deepStrictEqual({ signal, outOfMemory }, { signal: "SIGKILL", outOfMemory: true });
  strictEqual(
    (await node.run("sh", ["-c", "kill -9 $$"], { check: false })).outOfMemory,
    undefined,
  );
  strictEqual((await node.run("echo", ["alive"])).stdout, "alive\n");
});

test("a node with little memory lets much pass", async () => {
  await using cluster = await make();
  const node = await cluster.addNode({ memory: "96m" });
  const megabyte = new Uint8Array(1024 * 1024);
  let left = 192;
  const input = new ReadableStream<Uint8Array>({
    pull: (each) => left-- > 0 ? each.enqueue(megabyte) : each.close(),
  });
  const process = await node.spawn("cat", [], { stdin: "piped", stdout: "piped" });
  const fed = input.pipeTo(process.stdin);
  let size = 0;
  for await (const chunk of process.stdout) size += chunk.length;
  await fed;
  strictEqual(size, 192 * megabyte.length);
});

test("a node whose agent the kernel kills for want of memory is lost for that reason", async () => {
  await using cluster = await make();
  const node = await cluster.addNode({ memory: "128m", init: false });
  const script =
    "echo 1000 >/proc/1/oom_score_adj; echo -1 >/proc/self/oom_score_adj; tail /dev/zero";
  const error = await node.run("sh", ["-c", script]).catch((error) => error);
  strictEqual(error instanceof NodeLostError, true, String(error));
  match(error.message, /more memory than its limit of 128m allows/);
});

test("a full disk fails what is written, and the node goes on", async () => {
  await using cluster = await make({ tmpfs: { "/small": "size=1m" } });
  const node = await cluster.addNode();
  await rejects(node.writeFile("/small/file", new Uint8Array(2 ** 21)), /No space left on device/);
  await rejects(node.run("dd", ["if=/dev/zero", "of=/small/other"]), /No space left on device/);
  await node.remove("/small/file");
  await node.writeTextFile("/small/file", "fits");
  strictEqual(await node.readTextFile("/small/file"), "fits");
});

test("a node whose container is killed from outside is lost at once, with the reason", async () => {
  await using cluster = await make();
  const node = await cluster.addNode();
  const running = node.run("sleep", ["1000"]).catch((error) => error);
  await using engine = await openEngine();
  await engine.call({ what: "kill", method: "POST", path: `/containers/${node.id}/kill` });
  const error = await running;
  strictEqual(error instanceof NodeLostError, true);
  match(error.message, /its container was ended by SIGKILL \(exit code 137\)/);
});
