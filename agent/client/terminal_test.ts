import assert from "node:assert/strict";
import type { Host, ProcessSpec, TerminalSize } from "../host/host.ts";
import { LocalHost } from "../host/local_host.ts";
import { openHost, startEnrolled } from "../testing/connected_agent.ts";
import { Screen } from "../testing/screen.ts";
import { BASH, controlJobs, EDITOR, writeInEditor } from "../testing/terminal_scenes.ts";

/** Has the shell show nothing but text. */
const DUMB = { TERM: "dumb" };

/** Opens a host, until it is disposed of. */
type OpenHost = () => Promise<{ readonly host: Host } & AsyncDisposable>;

const HOSTS: Readonly<Record<string, OpenHost>> = {
  "this machine": async () => {
    const rootDir = await Deno.makeTempDir({ prefix: "clustertest-terminal-" });
    const env = { PATH: Deno.env.get("PATH")! };
    const marker = { CLUSTERTEST_NODE: crypto.randomUUID() };
    const host = await LocalHost.open({ rootDir, env, marker });
    return {
      host,
      async [Symbol.asyncDispose]() {
        await host[Symbol.asyncDispose]();
        await Deno.remove(rootDir, { recursive: true });
      },
    };
  },
  "an agent": async () => {
    await using stack = new AsyncDisposableStack();
    const host = stack.use(await openHost(stack.use(await startEnrolled())));
    const owned = stack.move();
    return { host, [Symbol.asyncDispose]: () => owned.disposeAsync() };
  },
};

/** A test of the terminals of each kind of host. */
function terminalTest(name: string, fn: (host: Host) => Promise<void>): void {
  for (const [kind, open] of Object.entries(HOSTS)) {
    Deno.test({
      name: `a terminal of ${kind} ${name}`,
      ignore: Deno.build.os !== "linux",
      async fn() {
        await using opened = await open();
        await fn(opened.host);
      },
    });
  }
}

terminalTest("shows what is typed, and what programs write, errors included", async (host) => {
  await using screen = await Screen.open(host, [
    "sh",
    "-c",
    "read line; echo got $line; echo bad >&2; exit 7",
  ]);
  await screen.type("héllo\n");
  await screen.shows(/^héllo\r\ngot héllo\r\nbad\r\n$/);
  assert.equal((await screen.process.status).code, 7);
  await screen.ended();
});

terminalTest("has its size, and tells of another one", async (host) => {
  await using screen = await Screen.open(host, BASH, { rows: 40, columns: 123, env: DUMB });
  await screen.shows(/\$ $/);
  await screen.type("stty size; trap 'echo resized $(stty size)' WINCH\n");
  await screen.shows(/\n40 123\r\n.*\$ $/s);
  await screen.process.resize({ rows: 1, columns: 1000 });
  await screen.type("true\n");
  await screen.shows(/resized 1 1000\r\n/);
});

terminalTest("interrupts by Ctrl-C, and has job control", async (host) => {
  await using screen = await Screen.open(host, BASH, { env: DUMB });
  await screen.shows(/\$ $/);
  await controlJobs(screen);
  await screen.type("exit $?\n");
  assert.equal((await screen.process.status).code, 130);
});

terminalTest("is one for an editor", async (host) => {
  await using screen = await Screen.open(host, EDITOR);
  await writeInEditor(screen);
  const bytes = await new Response(await host.files.read("file")).text();
  assert.equal(bytes, "hello from vi\n");
});

terminalTest("keeps a writer waiting for its reader, and loses nothing", async (host) => {
  const size = 8_000_000;
  const process = await host.processes.start({
    ...onTerminal("sh", ["-c", `stty raw; head -c ${size} /dev/zero; echo done >marker`]),
  });
  await using _process = process;
  const reader = process.stdout.getReader();
  let count = (await reader.read()).value!.length;
  // It is written once nothing waits in the terminal any more: so not before that is read.
  await assert.rejects(host.files.call("stat", { path: "marker" }), Deno.errors.NotFound);
  for (let read; !(read = await reader.read()).done;) count += read.value.length;
  assert.equal(count, size);
  await process.status;
});

terminalTest("takes more than its program reads at once", async (host) => {
  await using screen = await Screen.open(host, [
    "sh",
    "-c",
    "stty raw -echo; echo ready; sleep 0.2; head -c 100000 | wc -c",
  ]);
  await screen.shows(/ready/);
  await screen.type("x".repeat(100_000));
  await screen.shows(/100000/);
});

terminalTest("is hung up when its process is disposed of, whatever waits there", async (host) => {
  const screen = await Screen.open(host, ["sh", "-c", "stty raw; echo ready; sleep 1000"]);
  await screen.shows(/ready/);
  const typing = screen.type("x".repeat(1_000_000)).catch((error) => error);
  await screen[Symbol.asyncDispose]();
  assert.ok(await typing instanceof Error);
});

terminalTest("is refused where it cannot be", async (host) => {
  const sizes = [
    { rows: 0, columns: 80 },
    { rows: 1.5, columns: 80 },
    { rows: 24, columns: 1001 },
    {
      rows: 24,
      columns: NaN,
    },
    { rows: -1, columns: 80 },
    { rows: 24, columns: "80" },
    {},
  ];
  for (const size of sizes) {
    await assert.rejects(
      host.processes.start({ ...onTerminal("true"), terminal: size as TerminalSize }),
      /rows|columns/,
    );
  }
  await assert.rejects(host.processes.start({ ...onTerminal("true"), stderr: "log" }), TypeError);
  await assert.rejects(host.processes.start(onTerminal("no-such-command")), Deno.errors.NotFound);
  await using screen = await Screen.open(host, ["cat"]);
  for (const size of sizes) {
    await assert.rejects(screen.process.resize(size as TerminalSize), /rows|columns/);
  }
  await using plain = await host.processes.start({ command: "sleep", args: ["1000"] });
  await assert.rejects(plain.resize({ rows: 24, columns: 80 }), TypeError);
});

function onTerminal(command: string, args: readonly string[] = []): ProcessSpec {
  return {
    ...{ command, args, stdin: "piped", stdout: "piped", stderr: "null" },
    terminal: { rows: 24, columns: 80 },
  };
}
