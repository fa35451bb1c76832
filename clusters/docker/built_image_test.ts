/**
 * Images that an engine builds for nodes, on a real one, with nothing from a registry. What a test has
 * built is told from what there was before, so no other file that builds images may run at the same time.
 *
 * @module
 */
import {
  deepStrictEqual,
  match,
  notStrictEqual,
  ok,
  rejects,
  strictEqual,
} from "node:assert/strict";
import { Cluster } from "../cluster/mod.ts";
import type { ClusterEvent } from "../events/mod.ts";
import { docker } from "./backend.ts";
import type { DockerNodeOptions } from "./docker_options.ts";
import type { Engine } from "./engine/engine.ts";
import { orMissing } from "./engine/engine_error.ts";
import { listBuiltImages, removeBuiltImage } from "./builds/built_images.ts";
import { ensureBuiltImage } from "./builds/build_image.ts";
import { type ImageBuild, planBuild } from "./builds/image_build.ts";
import { sweepEngine } from "./sweep.ts";
import { Registry } from "./testing/registry.ts";
import { haveEngine, openEngine, testImages } from "./testing/engine.ts";

const ignore = !await haveEngine();

/** A folder to build from, which is gone after the test, and so is what was made of it. */
class Folder implements AsyncDisposable {
  readonly path: string;
  readonly #before: ReadonlySet<string>;

  private constructor(path: string, before: readonly string[]) {
    this.path = path;
    this.#before = new Set(before);
  }

  static async make(files: Readonly<Record<string, string>>): Promise<Folder> {
    await using engine = await openEngine();
    const folder = new Folder(await Deno.makeTempDir(), await listBuiltImages(engine));
    await folder.write(files);
    return folder;
  }

  async write(files: Readonly<Record<string, string>>): Promise<void> {
    for (const [name, content] of Object.entries(files)) {
      const path = `${this.path}/${name}`;
      await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
      await Deno.writeTextFile(path, content);
    }
  }

  /** What was built since the folder was made. */
  async images(): Promise<string[]> {
    await using engine = await openEngine();
    return (await listBuiltImages(engine)).filter((name) => !this.#before.has(name));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const images = await this.images();
    await using engine = await openEngine();
    for (const image of images) await removeBuiltImage(engine, image);
    await Deno.remove(this.path, { recursive: true });
  }
}

/** A cluster, and what happens in it. */
interface Watched extends AsyncDisposable {
  readonly cluster: Cluster<DockerNodeOptions>;
  readonly events: readonly ClusterEvent[];
  /** How many builds there were. */
  readonly builds: () => number;
}

async function open(image: ImageBuild, options: DockerNodeOptions = {}): Promise<Watched> {
  const cluster = await Cluster.create(docker({ image, ...options }), { progress: false });
  const events: ClusterEvent[] = [];
  cluster.events.subscribe((event) => void events.push(event));
  const builds = () =>
    events.filter((event) => event.type === "work-started" && /image/.test(event.label)).length;
  return { cluster, events, builds, [Symbol.asyncDispose]: () => cluster[Symbol.asyncDispose]() };
}

/** Adds a node, and runs a shell's line there. */
async function said(image: ImageBuild, line: string): Promise<string> {
  await using watched = await open(image);
  const node = await watched.cluster.addNode();
  return (await node.run("sh", ["-c", line])).stdout;
}

function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, ignore, fn });
}

const FROM = `FROM ${testImages.busybox}\n`;

test("docker() builds an image with its files, their modes, and progress by steps", async () => {
  await using folder = await Folder.make({
    Dockerfile: `${FROM}COPY . /context/\nRUN echo made >/made\n`,
    "a/run": "#!/bin/sh\necho ran\n",
    "a/data": "data",
  });
  await Deno.chmod(`${folder.path}/a/run`, 0o755);
  await Deno.chmod(`${folder.path}/a/data`, 0o640);
  await Deno.symlink("data", `${folder.path}/a/link`);
  await using watched = await open({ context: folder.path });
  const node = await watched.cluster.addNode();
  const script = "cat /made; /context/a/run; cd /context/a; stat -c '%a %n' data; readlink link";
  const { stdout } = await node.run("sh", ["-c", script]);
  strictEqual(stdout, "made\nran\n640 data\ndata\n");
  const steps = watched.events.flatMap((event) =>
    event.type === "work-progress" && event.unit === "steps" ? [[event.done, event.total]] : []
  );
  deepStrictEqual(steps, [[0, 3], [1, 3], [2, 3]]);
});

/** Whether an image had to be built. */
async function isBuilt(image: ImageBuild, pull?: "always" | "never"): Promise<boolean> {
  await using engine = await openEngine();
  const [{ signal }, configDir] = [new AbortController(), "/nowhere"];
  let works = 0;
  const emit = ({ type }: { readonly type: string }) =>
    void (works += Number(type === "work-started"));
  ok((await ensureBuiltImage(engine, planBuild(image), { pull, configDir, emit, signal })).id);
  return works === 1;
}

test("an unchanged context is not sent again, and a changed mode, name or content is", async () => {
  await using folder = await Folder.make({ Dockerfile: `${FROM}COPY x /x\n`, x: "one" });
  const image = { context: folder.path };
  strictEqual(await isBuilt(image), true);
  await Deno.utime(`${folder.path}/x`, 1, 1);
  strictEqual(await isBuilt(image), false);
  strictEqual(await isBuilt({ context: new URL(`file://${folder.path}`) }), false);
  await Deno.chmod(`${folder.path}/x`, 0o600);
  strictEqual(await isBuilt(image), true);
  await folder.write({ x: "two" });
  strictEqual(await isBuilt(image), true);
  await folder.write({ y: "" });
  strictEqual(await isBuilt(image), true);
  await folder.write({ y: "" });
  strictEqual(await isBuilt(image), false);
  strictEqual(await isBuilt({ ...image, args: { X: "1" } }), true);
  strictEqual(await isBuilt({ ...image, args: { X: "1" } }), false);
  strictEqual(await isBuilt(image, "never"), false);
});

test("an image is built for every cluster anew when that is asked for", async () => {
  await using folder = await Folder.make({ Dockerfile: "FROM scratch\nCOPY x /x\n", x: "one" });
  const image = { context: folder.path };
  deepStrictEqual([await isBuilt(image, "always"), await isBuilt(image, "always")], [true, true]);
  strictEqual(await isBuilt(image), false);
});

test("a node may have an image of its own that is built", async () => {
  await using folder = await Folder.make({ Dockerfile: `${FROM}COPY x /x\n`, x: "mine" });
  await using cluster = await Cluster.create(docker({ image: testImages.busybox }), {
    progress: false,
  });
  const nodes = await cluster.addNodes([{ image: { context: folder.path } }, {}]);
  strictEqual(await nodes[0].readTextFile("/x"), "mine");
  strictEqual(await nodes[1].stat("/x").catch(() => "none"), "none");
  const missing = { image: { context: `${folder.path}/missing` } };
  await rejects(cluster.addNode(missing), /its context ".*missing" does not exist/);
  await rejects(
    cluster.addNode({ image: { context: "" } }),
    /context must be the path of a folder/,
  );
});

test("an image is built anew when its base has come to be another one", async () => {
  await using folder = await Folder.make({ Dockerfile: "FROM scratch\nCOPY x /x\n", x: "one" });
  await using other = await Folder.make({
    Dockerfile: "ARG BASE\nFROM ${BASE}\nCOPY Dockerfile /d\n",
  });
  strictEqual(await isBuilt({ context: folder.path }), true);
  const [name] = await folder.images();
  const image = { context: other.path, args: { BASE: "clustertest-test/base" } };
  await using engine = await openEngine();
  const tag = async (name: string) => {
    const query = { repo: "clustertest-test/base", tag: "latest" };
    await engine.call({ what: "tag", method: "POST", path: `/images/${name}/tag`, query });
  };
  try {
    await tag(name!);
    deepStrictEqual([await isBuilt(image), await isBuilt(image)], [true, false]);
    await tag(testImages.busybox);
    deepStrictEqual([await isBuilt(image), await isBuilt(image)], [true, false]);
  } finally {
    const path = "/images/clustertest-test/base";
    await orMissing(engine.call({ what: "untag", method: "DELETE", path }));
  }
});

test("clusters that need the same image at once have it built once", async () => {
  await using folder = await Folder.make({
    Dockerfile: `${FROM}RUN sleep 1\n`,
    x: `${Math.random()}`,
  });
  const built = async () => {
    await using watched = await open({ context: folder.path });
    await watched.cluster.addNodes(2);
    return watched.builds();
  };
  const counts = await Promise.all([built(), built()]);
  strictEqual(counts[0]! + counts[1]!, 1);
  strictEqual((await folder.images()).length, 1);
});

test("a stage, another Dockerfile and its .dockerignore are what is built", async () => {
  const files = `${FROM}AS first\nCOPY . /files\nFROM first\nRUN echo last >/stage\n`.replace(
    "\nAS",
    " AS",
  );
  await using folder = await Folder.make({
    "docker/Dockerfile.test": files,
    "docker/Dockerfile.test.dockerignore": "*.log\nnode_modules\n!kept.log\n",
    ".dockerignore": "kept.log",
    "a/x.log": "",
    "x.log": "",
    "kept.log": "",
    "node_modules/x/y": "",
  });
  const image = { context: folder.path, dockerfile: "docker/Dockerfile.test" };
  const list = "cd /files && find . -type f | sort; cat /stage 2>/dev/null || echo first";
  const sent = [
    "a/x.log",
    "docker/Dockerfile.test",
    "docker/Dockerfile.test.dockerignore",
    "kept.log",
  ];
  const names = [".dockerignore", ...sent].map((name) => `./${name}\n`).join("");
  strictEqual(await said(image, list), `${names}last\n`);
  strictEqual(await said({ ...image, target: "first" }, list), `${names}first\n`);
});

test("a build that fails says which step has, and what that wrote", async () => {
  await using folder = await Folder.make({
    Dockerfile: `${FROM}RUN echo fine\nRUN echo first; echo second >&2; exit 7\nRUN never\n`,
  });
  await using watched = await open({ context: folder.path });
  await rejects(watched.cluster.addNode(), ({ message }: Error) => {
    match(message, /Cannot build "\/tmp\/[^"]*": step 3 of 4 failed, `RUN echo first; .*exit 7`: /);
    match(message, /returned a non-zero code: 7\n {2}its output:\n/);
    match(message, /\n {4}first$/m);
    match(message, /\n {4}second$/m);
    ok(!message.includes("fine"));
    return true;
  });
});

test("what a failed build and its stages leave has a name, by which sweeps remove it", async () => {
  const mark = crypto.randomUUID();
  await using folder = await Folder.make({
    Dockerfile: `${FROM.trim()} AS one\nRUN echo ${mark} >/one\n${FROM.trim()} AS two\n` +
      `COPY --from=one /one /two\n${FROM}RUN echo ${mark} >/three\nRUN test -e /ready\n`,
  });
  const image = { context: folder.path };
  await rejects(isBuilt(image), /step 7 of 7 failed/);
  const parts = await folder.images();
  strictEqual(parts.length, 3, parts.join());
  ok(parts.every((name) => /^clustertest-build:part-[0-9a-f]{12}$/.test(name)), parts.join());
  await rejects(isBuilt(image), /step 7 of 7 failed/);
  deepStrictEqual(await folder.images(), parts);
  await using engine = await openEngine();
  for (const part of parts) await removeBuiltImage(engine, part);
  strictEqual(await danglingOf(engine, mark), 0);
});

/** How many images without a name have a text in their history. */
async function danglingOf(engine: Engine, text: string): Promise<number> {
  const query = { filters: JSON.stringify({ dangling: ["true"] }) };
  const list = { what: "list", method: "GET", path: "/images/json", query } as const;
  const images = await engine.call<{ Id: string }[]>(list);
  const histories = await Promise.all(images.map(async ({ Id }) => {
    const path = `/images/${Id}/history`;
    return JSON.stringify(await orMissing(engine.call({ what: "look", method: "GET", path })));
  }));
  return histories.filter((history) => history?.includes(text)).length;
}

test("base images are fetched with the credentials for their registry", async () => {
  const architecture = Deno.build.arch === "aarch64" ? "arm64" : "amd64";
  await using registry = new Registry({ login: "user:password", architecture });
  const base = `${registry.host}/thing:1`;
  await using folder = await Folder.make({ Dockerfile: `FROM ${base}\nCOPY x /x\n`, x: "x" });
  await using engine = await openEngine();
  const [{ signal }, configDir] = [new AbortController(), await Deno.makeTempDir()];
  const build = planBuild({ context: folder.path });
  const options = { configDir, emit: () => {}, signal };
  try {
    await rejects(ensureBuiltImage(engine, build, options), /step 1 of 2 failed, `FROM /);
    const auth = btoa("user:password");
    const config = JSON.stringify({ auths: { [registry.host]: { auth } } });
    await Deno.writeTextFile(`${configDir}/config.json`, config);
    const { id } = await ensureBuiltImage(engine, build, options);
    // It has the name that it has with its base, which was not there when it was built.
    deepStrictEqual((await ensureBuiltImage(engine, build, options)).id, id);
    strictEqual((await folder.images()).length, 1);
  } finally {
    const path = `/images/${base}`;
    await orMissing(engine.call({ what: "remove", method: "DELETE", path }));
    await Deno.remove(configDir, { recursive: true });
  }
});

test("values of args are in no event and no error", async () => {
  const secret = `s3cret-${crypto.randomUUID()}`;
  await using folder = await Folder.make({
    Dockerfile: `${FROM}ARG TOKEN\nRUN echo "it is $TOKEN" && test "$TOKEN" = other\n`,
  });
  const image = { context: folder.path, args: { TOKEN: secret, UNUSED: `${secret}x` } };
  await using watched = await open(image);
  const error = await watched.cluster.addNode().then(() => undefined, (error) => error);
  match(error.message, /it is <TOKEN>/);
  ok(!Deno.inspect(error, { depth: 9 }).includes(secret), "the error has it");
  ok(!JSON.stringify(watched.events).includes(secret), "an event has it");
  await using good = await open({ ...image, args: { TOKEN: "other" } });
  await good.cluster.addNode();
  const record = JSON.stringify(good.events) + good.cluster.id;
  ok(!record.includes('"other"'), record);
});

test("aborting ends the build, and leaves no container", async () => {
  const mark = crypto.randomUUID();
  await using folder = await Folder.make({ Dockerfile: `${FROM}RUN echo ${mark}; sleep 1000\n` });
  await using engine = await openEngine();
  const running = async () => {
    const path = "/containers/json";
    const all = await engine.call<{ Command: string }[]>({ what: "list", method: "GET", path });
    return all.some(({ Command }) => Command.includes(mark.slice(0, 8)));
  };
  await using watched = await open({ context: folder.path });
  const controller = new AbortController();
  const adding = watched.cluster.addNode({ signal: controller.signal } as never);
  void adding.catch(() => {});
  while (!await running()) await new Promise((go) => setTimeout(go));
  await watched[Symbol.asyncDispose]();
  await rejects(adding);
  while (await running()) await new Promise((go) => setTimeout(go));
});

test("what cannot be built is said before anything is sent", async () => {
  await using folder = await Folder.make({ Dockerfile: FROM, "sub/x": "" });
  const { path: context } = folder;
  await Deno.symlink("/etc/passwd", `${context}/link`);
  const cases: [image: ImageBuild, message: RegExp][] = [
    [{ context: `${context}/missing` }, /its context ".*missing" does not exist$/],
    [{ context: `${context}/sub/x` }, /its context ".*x" is no folder$/],
    [
      { context: `${context}/sub` },
      /the dockerfile "Dockerfile" of its context .* does not exist$/,
    ],
    [{ context, dockerfile: "sub" }, /the dockerfile "sub" .* is no file$/],
    [{ context, dockerfile: "link" }, /its dockerfile "link" is not in its context/],
    [{ context: `${context}/sub`, dockerfile: "../Dockerfile" }, /"..\/Dockerfile" is not in its/],
    [{ context, dockerfile: "/etc/passwd" }, /"\/etc\/passwd" is not in its context/],
    [{ context: 5 as never }, /context must be the path of a folder, or a file: URL, not 5$/],
    [{} as never, /its context is missing/],
    [{ context, target: "" }, /target must be a string that is not empty/],
    [{ context, tag: "x" } as never, /there is no option "tag"; those that there are: context/],
    [{ context, args: { N: 5 } as never }, /args.N must be a string, not of type number$/],
    [{ context, args: "x" as never }, /args must be an object of strings$/],
  ];
  for (const [image, message] of cases) {
    await rejects(async () => await open(image), { name: "TypeError", message });
  }
  await folder.write({ ".dockerignore": "[" });
  await rejects(open({ context }), /Cannot read .dockerignore: "\[" is no pattern$/);
});

test("images that were built are caches for sweeps, and nothing else is", async () => {
  await using folder = await Folder.make({ Dockerfile: `${FROM}RUN echo ${Math.random()}\n` });
  await said({ context: folder.path }, "true");
  const [name] = await folder.images();
  await using engine = await openEngine();
  const { found } = await sweepEngine(engine, { caches: true, dryRun: true });
  const image = found.find(({ id }) => id === name);
  deepStrictEqual(image, {
    kind: "image",
    id: name,
    reason: "a cache of an image that was built",
    outcome: "would be removed",
  });
  const { found: without } = await sweepEngine(engine, { dryRun: true });
  ok(without.every(({ kind }) => kind !== "image"));
  for (const { id, kind } of found) {
    if (kind === "image") match(id, /^clustertest-build:/);
  }
  notStrictEqual(name, undefined);
});
