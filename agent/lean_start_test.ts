import assert from "node:assert/strict";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { obtainAgent } from "./build/obtain_agent.ts";
import { Fleet } from "./client/fleet.ts";

/** Runs an agent's program, and prints which modules of Node it loads. */
const WATCHER = `const real = process.getBuiltinModule;
process.getBuiltinModule = (name) => {
  console.log("loaded " + name);
  return real(name);
};
await import(Deno.env.get("PROGRAM"));
`;

Deno.test("an agent that calls loads no TLS, no HTTP, no certificates, nor anything of Node", async () => {
  assert.deepEqual(await modulesOf(["--connect", "/nowhere"]), []);
});

Deno.test("an agent that makes rules for packets loads nothing of Node", async () => {
  assert.deepEqual(await modulesOf(["--kernel"], /^/), []);
});

Deno.test("an agent that listens loads TLS and HTTP", async () => {
  const loaded = await modulesOf(["--listen", "203.0.113.1:1"]);
  assert.deepEqual(["node:https", "node:tls"].filter((each) => !loaded.includes(each)), []);
});

/** What the runtime loads when it is first used. */
const LAZY = ["setTimeout", "setInterval", "clearTimeout", "clearInterval", "Response", "Command"];

/** Runs an agent's program, whose lease is never looked at, and prints what of that it uses. */
const TRAPS = `for (const name of ${JSON.stringify(LAZY)}) {
  const place = name === "Command" ? Deno : globalThis;
  const real = Object.getOwnPropertyDescriptor(place, name);
  const get = () => (console.log("used " + name), real.get ? real.get.call(place) : real.value);
  Object.defineProperty(place, name, { configurable: true, get });
}
AbortSignal.timeout = () => new AbortController().signal;
let times = 0;
const open = Deno.dlopen;
Object.defineProperty(Deno, "dlopen", {
  value: (name, symbols) => {
    if ("bind" in symbols && ++times > 1) console.log("loaded the functions of netlink again");
    return open(name, symbols);
  },
});
await import(Deno.env.get("PROGRAM"));
`;

Deno.test({
  name:
    "an agent that makes its first rules loads no timers, no fetch, no processes, and nothing twice",
  ignore: Deno.build.os !== "linux",
  async fn() {
    const { dir } = await obtainAgent("native");
    const folder = await Deno.makeTempDir();
    try {
      const traps = join(folder, "traps.js");
      await Deno.writeTextFile(traps, TRAPS);
      await using fleet = Fleet.create({ heartbeat: { interval: 1_000, timeout: 60_000 } });
      using launch = fleet.launch();
      const signal = AbortSignal.timeout(60_000);
      const sockets = await launch.openSockets(join(folder, "s"), { signal });
      const way = ["--root", join(folder, "node"), "--connect", sockets.dir, "--watch-later"];
      const child = new Deno.Command(Deno.execPath(), {
        args: ["run", "-A", "--no-config", traps, ...way],
        env: { PROGRAM: pathToFileURL(join(dir, "agent.js")).href },
        stdin: "piped",
        stdout: "piped",
      }).spawn();
      await new Blob([JSON.stringify(launch.document)]).stream().pipeTo(child.stdin);
      await using agent = await sockets.connect({ signal });
      await (await agent.host.packets.count([]))[Symbol.asyncDispose]();
      await agent.host.packets.count([]);
      child.kill("SIGKILL");
      agent.abandon("it was killed");
      assert.equal(new TextDecoder().decode((await child.output()).stdout), "");
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

/** What an agent says that gives up. */
const GIVES_UP = /Cannot (reach the runner|read the launch document)/;

/** The modules of Node that an agent has loaded when it ends. */
async function modulesOf(args: readonly string[], says: RegExp = GIVES_UP): Promise<string[]> {
  const { dir } = await obtainAgent("native");
  const root = await Deno.makeTempDir();
  try {
    const watcher = join(root, "watcher.js");
    await Deno.writeTextFile(watcher, WATCHER);
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-config", watcher, "--root", join(root, "node"), ...args],
      env: { PROGRAM: pathToFileURL(join(dir, "agent.js")).href },
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const launch = { caCertificate: "none", token: "0123456789abcdef" };
    // One that needs no document may have ended by then.
    await new Blob([JSON.stringify(launch)]).stream().pipeTo(child.stdin).catch(() => {});
    const { stdout, stderr } = await child.output();
    const text = new TextDecoder();
    assert.match(text.decode(stderr), says);
    return [...text.decode(stdout).matchAll(/^loaded (.+)$/gm)].map(([, name]) => name!);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}
