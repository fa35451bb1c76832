import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import type { HostSample } from "../host.ts";
import { LocalHost } from "../local_host.ts";
import { signalQuietly } from "../stray_processes.ts";

const isLinux = Deno.build.os === "linux";

/** A host that shares this machine, and its folder. */
async function openHost(): Promise<AsyncDisposable & { readonly host: LocalHost }> {
  const rootDir = await Deno.makeTempDir({ prefix: "clustertest-metrics-" });
  const host = await LocalHost.open({
    rootDir,
    env: { PATH: "/usr/bin:/bin" },
    ownAddress: "127.0.0.1",
  });
  return {
    host,
    [Symbol.asyncDispose]: async () => {
      await host[Symbol.asyncDispose]();
      await Deno.remove(rootDir, { recursive: true });
    },
  };
}

/** Says that it is there, and keeps a processor busy once it is told to go on. */
const DAEMON = "echo $$ > ready; read x < go; while :; do :; done";

/** The number that a process writes into a file, once all of it is there. */
async function numberIn(path: string): Promise<number> {
  for (;;) {
    const text = await Deno.readTextFile(path).catch(() => "");
    if (text.endsWith("\n")) return Number(text);
    await new Promise((go) => setTimeout(go, 10));
  }
}

async function until(
  host: LocalHost,
  isWanted: (sample: HostSample) => boolean,
): Promise<HostSample> {
  for (;;) {
    const sample = await host.metrics.sample();
    if (isWanted(sample)) return sample;
    await new Promise((go) => setTimeout(go, 10));
  }
}

Deno.test({
  name: "what has left its group and lost its parent counts with the process that has started it",
  ignore: !isLinux,
  async fn() {
    await using scene = await openHost();
    const { host } = scene;
    const daemon = await host.processes.start({
      command: "sh",
      args: ["-c", `mkfifo go; setsid sh -c '${DAEMON}' & read x`],
      stdin: "piped",
    });
    const pid = await numberIn(`${host.info.rootDir}/ready`);
    // Nothing else ends it, should the test fail.
    using _daemon = { [Symbol.dispose]: () => signalQuietly(pid, "SIGKILL") };
    // It is seen while its parent is there.
    await host.metrics.sample();
    await Deno.writeTextFile(`${host.info.rootDir}/go`, "\n");
    const before = await until(host, ({ cpu }) => cpu! > 30);
    const writer = daemon.stdin.getWriter();
    await writer.write(new TextEncoder().encode("\n"));
    await writer.close();
    await daemon.status;
    const after = await until(host, ({ cpu }) => cpu! > before.cpu! + 30);
    deepStrictEqual(after.processes.map(({ pid }) => pid), [daemon.pid]);
    strictEqual(after.scope, "processes");
    Deno.kill(pid, "SIGKILL");
    const ended = await until(host, ({ processes }) => processes.length === 0);
    ok(ended.cpu! >= after.cpu!);
    strictEqual(ended.memory, 0);
  },
});

Deno.test({
  name: "follow() takes a sample only while somebody reads, and ends when it is cancelled",
  ignore: !isLinux,
  async fn() {
    await using scene = await openHost();
    const samples = scene.host.metrics.follow({ interval: 1, batch: 3 });
    await new Promise((go) => setTimeout(go, 20));
    const before = Date.now();
    const reader = samples.getReader();
    // The timer between samples does not keep a program from ending.
    const alive = setInterval(() => {}, 1_000);
    const { value } = await reader.read();
    clearInterval(alive);
    strictEqual(value!.length, 3);
    ok(value![0]!.time >= before);
    ok(value![2]!.time >= value![0]!.time);
    const waiting = reader.read();
    await reader.cancel();
    strictEqual((await waiting).done, true);
  },
});

Deno.test({
  name: "follow() gives what it has and one sample more when its time is over, and ends",
  ignore: !isLinux,
  async fn() {
    await using scene = await openHost();
    const over = new AbortController();
    const { metrics } = scene.host;
    const reader = metrics.follow({ interval: 20, batch: 1_000, until: over.signal }).getReader();
    const waiting = reader.read();
    // The first sample is taken at once, and the second one is due in an hour.
    const slow = metrics.follow({ interval: 3_600_000, batch: 5, until: over.signal }).getReader();
    const few = slow.read();
    await new Promise((go) => setTimeout(go));
    const before = Date.now();
    over.abort();
    const { value: samples } = await waiting;
    ok(samples!.at(-1)!.time >= before);
    strictEqual((await few).value!.length, 2);
    deepStrictEqual([(await reader.read()).done, (await slow.read()).done], [true, true]);
    const late = metrics.follow({ until: over.signal }).getReader();
    strictEqual((await late.read()).value!.length, 1);
    strictEqual((await late.read()).done, true);
  },
});

Deno.test({
  name: "follow() ends with its host, also when it waits for its time; sample() then rejects",
  ignore: !isLinux,
  async fn() {
    const { metrics } = await (async () => {
      await using scene = await openHost();
      const { host } = scene;
      const reader = host.metrics.follow({ interval: 3_600_000 }).getReader();
      strictEqual((await reader.read()).value!.length, 1);
      const waiting = reader.read();
      await host[Symbol.asyncDispose]();
      strictEqual((await waiting).done, true);
      return host;
    })();
    await rejects(metrics.sample(), Deno.errors.BadResource);
  },
});

Deno.test("sample() rejects with the reason of its signal, and where the system does not tell", async () => {
  await using scene = await openHost();
  const reason = new Error("enough");
  const { metrics } = scene.host;
  await rejects(metrics.sample({ signal: AbortSignal.abort(reason) }), (error) => error === reason);
  if (isLinux) return void await metrics.sample();
  await rejects(metrics.sample(), Deno.errors.NotSupported);
  await rejects(metrics.follow().getReader().read(), Deno.errors.NotSupported);
});
