import { ok, strictEqual } from "node:assert/strict";
import { NodeDownError, NodeLostError } from "../errors.ts";
import { NodeFile, NodeFiles } from "../files/mod.ts";
import { NodeConnection, NodeListener } from "../network/mod.ts";
import { Node, NodeConnections } from "../node/mod.ts";
import { Process } from "../process/mod.ts";
import type { ConformanceCase, Scene } from "./conformance_case.ts";

/** Calls that cannot succeed, by the members that they call. */
type Calls<T> = Readonly<Record<string, (of: T, scene: Scene) => unknown>>;

const buffer = new Uint8Array(1);

/** Every member of a node for which the node is needed. */
const nodeCalls: Calls<Node> = {
  run: (node) => node.run("true"),
  spawn: (node) => node.spawn("true"),
  hostname: (node) => node.hostname(),
  metrics: (node) => node.metrics(),
  connect: (node) => node.connect({ port: 1 }),
  listen: (node) => node.listen({ port: 0 }),
  forward: (node) => node.forward(1),
  reverseForward: (node) => node.reverseForward(1),
  waitForPort: (node) => node.waitForPort(1, { timeout: 50 }),
  waitForHttp: (node) => node.waitForHttp("http://localhost:1/", { timeout: 50 }),
  fetch: (node) => node.fetch("http://localhost:1/"),
  readFile: (node) => node.readFile("missing"),
  readTextFile: (node) => node.readTextFile("missing"),
  writeFile: (node) => node.writeFile("/dev/null/missing", buffer),
  writeTextFile: (node) => node.writeTextFile("/dev/null/missing", ""),
  open: (node) => node.open("missing"),
  create: (node) => node.create("/dev/null/missing"),
  mkdir: (node) => node.mkdir("/dev/null/missing"),
  stat: (node) => node.stat("missing"),
  lstat: (node) => node.lstat("missing"),
  readDir: (node) => node.readDir("missing").next(),
  readLink: (node) => node.readLink("missing"),
  symlink: (node) => node.symlink("target", "/dev/null/missing"),
  realPath: (node) => node.realPath("missing"),
  rename: (node) => node.rename("missing", "other"),
  copyFile: (node) => node.copyFile("missing", "other"),
  remove: (node) => node.remove("missing"),
  chmod: (node) => node.chmod("missing", 0o600),
  chown: (node) => node.chown("missing", 0, 0),
  copyTo: (node) => node.copyTo("missing", node, "other"),
  makeTempDir: (node) => node.makeTempDir({ dir: "missing" }),
  makeTempFile: (node) => node.makeTempFile({ dir: "missing" }),
  upload: (node, { localDir }) => node.upload(localDir, "/dev/null/missing"),
  download: (node, { localDir }) => node.download("missing", `${localDir}/file`),
  downloadUrl: (node) => node.downloadUrl("http://127.0.0.1:1/", "file"),
};

/** As above. What can be missing, or be done to a node that lives, is tested by its own cases. */
const abilityCalls: Calls<Node> = {
  kill: (node) => node.kill(),
  start: (node) => node.start(),
  pause: (node) => node.pause(),
  resume: (node) => node.resume(),
  restart: (node) => node.restart(),
  spawnImage: (node) => node.spawnImage(),
};

const processCalls: Calls<Process> = {
  status: (process) => process.status,
  stdin: (process) => process.stdin.getWriter().write(buffer),
  stdout: (process) => process.stdout.getReader().read(),
  stderr: (process) => process.stderr.text(),
  kill: (process) => process.kill(),
  pause: (process) => process.pause(),
  resume: (process) => process.resume(),
  log: (process) => process.log(),
  waitForOutput: (process) => process.waitForOutput("never"),
  lines: async (process) => await process.lines().next(),
};

const fileCalls: Calls<NodeFile> = {
  readable: (file) => file.readable.getReader().read(),
  writable: (file) => file.writable.getWriter().write(buffer),
  read: (file) => file.read(buffer),
  write: (file) => file.write(buffer),
  seek: (file) => file.seek(0, Deno.SeekMode.Start),
  stat: (file) => file.stat(),
  truncate: (file) => file.truncate(),
  sync: (file) => file.sync(),
  syncData: (file) => file.syncData(),
};

const connectionCalls: Calls<NodeConnection> = {
  read: (connection) => connection.read(buffer),
  write: (connection) => connection.write(buffer),
  closeWrite: (connection) => connection.closeWrite(),
};

const streamCalls: Calls<NodeConnection> = {
  readable: (connection) => connection.readable.getReader().read(),
  writable: (connection) => connection.writable.getWriter().write(buffer),
};

const listenerCalls: Calls<NodeListener> = {
  accept: (listener) => listener.accept(),
  [Symbol.asyncIterator.description!]: (listener) => listener[Symbol.asyncIterator]().next(),
};

/** What gives something back may be called at any time, and does not fail because its node is gone. */
const GIVING_BACK = ["stop", "destroy", "close", "Symbol.dispose", "Symbol.asyncDispose"];

/** Throws unless all members of a class are in the tables that are given. */
function checkComplete(
  classes: readonly { readonly prototype: object }[],
  tables: readonly Calls<never>[],
): void {
  const members = classes.flatMap(({ prototype }) => Reflect.ownKeys(prototype)).map((key) =>
    typeof key === "symbol" ? key.description! : key
  );
  const known = [...tables.flatMap((table) => Object.keys(table)), ...GIVING_BACK, "constructor"];
  strictEqual(members.filter((member) => !known.includes(member)).join(), "", "Not in a table");
}

/** Has every call of a table fail; each error has to come from here, and to be as `check` says. */
async function failAll<T>(
  calls: Calls<T>,
  of: T,
  { scene, check }: { scene: Scene; check: (error: Error, member: string) => void },
): Promise<void> {
  for (const [member, call] of Object.entries(calls)) {
    const error = await Promise.resolve(call(of, scene)).then(() => undefined, (error) => error);
    ok(error instanceof Error, `${member} gave ${error}`);
    // That of a generator is begun by the runtime, which has no line.
    const frame = error.stack!.split("\n    at ").slice(1).find((line) => line.includes("://"));
    ok(frame?.includes("/error_cases.ts:"), `${member} has no frame of its caller: ${error.stack}`);
    check(error, member);
  }
}

/** Fails unless it says that the node is gone, or down, and what that has ended. */
function checkEnded(
  of: string,
  expected: new (...args: never) => Error = NodeLostError,
): (error: Error, member: string) => void {
  return (error, member) => {
    ok(error instanceof expected, `${of}.${member} gave ${error}`);
    const name = member.startsWith("Symbol.") ? `${of}[${member}]` : `${of}.${member}`;
    ok(error.message.startsWith(`Cannot complete ${name}`), error.message);
  };
}

/** What ends that which was open on a node, and with what its calls fail then. */
const NODE_ENDS: readonly {
  readonly what: string;
  readonly end: (node: Node) => Promise<void>;
  readonly error: new (...args: never) => Error;
  readonly abilities?: ConformanceCase["abilities"];
}[] = [
  { what: "gone", end: (node) => node.destroy(), error: NodeLostError },
  {
    what: "down",
    end: (node) => node.kill(),
    error: NodeDownError,
    abilities: ["kill", "start"],
  },
  {
    what: "up again after a kill",
    end: (node) => node.restart(),
    error: NodeDownError,
    abilities: ["restart"],
  },
];

/** What errors say to the author of a test. */
export const errorCases: readonly ConformanceCase[] = [
  {
    name: "the error of every call that fails has the caller's line first, and names the node",
    async run(scene) {
      checkComplete([Node, NodeConnections, NodeFiles], [nodeCalls, abilityCalls, {
        signal: () => {},
      }]);
      const { node } = scene;
      const succeed = ["hostname", "metrics", "listen", "forward", "reverseForward"];
      const calls = Object.fromEntries(
        Object.entries(nodeCalls).filter(([member]) => !succeed.includes(member)),
      );
      const missing = {
        ...calls,
        run: () => node.run("missing"),
        spawn: () => node.spawn("missing"),
      };
      await failAll(missing, node, {
        scene,
        check: ({ message }, member) =>
          ok(message.includes(`node "${node.name}"`), `${member} gave ${message}`),
      });
    },
  },
  {
    name: "the error of a command that failed has the caller's line first",
    programs: ["false"],
    run: async (scene) =>
      await failAll({ run: (node: Node) => node.run("false") }, scene.node, {
        scene,
        check: ({ name }) => strictEqual(name, "CommandError"),
      }),
  },
  {
    name: "every call on a node that is gone is named by its error, with the caller's line first",
    async run(scene) {
      const node = await scene.cluster.addNode();
      await node.destroy();
      await failAll({ ...nodeCalls, ...abilityCalls }, node, { scene, check: checkEnded("node") });
    },
  },
  {
    name: "every call on a node that is down is named by its error, with the caller's line first",
    abilities: ["kill", "start"],
    async run(scene) {
      await using node = await scene.cluster.addNode();
      await node.kill();
      await failAll(nodeCalls, node, { scene, check: checkEnded("node", NodeDownError) });
    },
  },
  ...NODE_ENDS.flatMap(({ what, end, error, abilities }) =>
    [
      {
        name: `what was open on a node that is ${what} is named by its errors, with the caller's ` +
          "line first",
        abilities,
        async run(scene) {
          checkComplete([NodeFile], [fileCalls]);
          checkComplete([NodeConnection], [connectionCalls, streamCalls]);
          checkComplete([NodeListener], [listenerCalls]);
          await using node = await scene.cluster.addNode();
          const file = await node.open("file", { read: true, write: true, create: true });
          const listener = await node.listen({ port: 0 });
          const target = { hostname: node.address, port: (listener.addr as Deno.NetAddr).port };
          const [one, two] = [await node.connect(target), await node.connect(target)];
          await end(node);
          const check = (of: string) => ({ scene, check: checkEnded(of, error) });
          await failAll(fileCalls, file, check("file"));
          await failAll(connectionCalls, one, check("connection"));
          await failAll(streamCalls, two, check("connection"));
          await failAll(listenerCalls, listener, check("listener"));
        },
      },
      {
        name:
          `a process whose node is ${what} is named by its errors, with the caller's line first`,
        abilities,
        programs: ["sleep"],
        async run(scene) {
          checkComplete([Process], [processCalls]);
          await using node = await scene.cluster.addNode();
          const process = await node.spawn("sleep", ["1000"], { stdin: "piped" });
          await end(node);
          const { log, ...calls } = processCalls;
          // What a process wrote before its node was killed is in the record.
          const failing = error === NodeDownError ? calls : { ...calls, log: log! };
          await failAll(failing, process, { scene, check: checkEnded("process", error) });
        },
      },
    ] satisfies ConformanceCase[]
  ),
];
