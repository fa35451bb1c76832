import { rejects } from "node:assert/strict";
import type { Cluster } from "../cluster/mod.ts";
import type { Node } from "../node/mod.ts";
import type { ConformanceCase, Scene } from "./conformance_case.ts";

/** Options as untyped code passes them. */
// deno-lint-ignore no-explicit-any -- that of no member fits all of them
type Untyped = any;

/** What cannot be done, whatever its options are: it is to be refused before it is tried. */
const CALLS: Readonly<Record<string, (node: Node, options: Untyped) => Promise<unknown>>> = {
  run: (node, options) => node.run("no-such-command", [], options),
  spawn: (node, options) => node.spawn("no-such-command", [], options),
  hostname: (node, options) => node.hostname(options),
  connect: (node, options) => node.connect({ port: 1, ...options }),
  listen: (node, options) => node.listen({ port: 0, ...options }),
  forward: (node, options) => node.forward(1, options),
  waitForPort: (node, options) => node.waitForPort(1, options),
  waitForHttp: (node, options) => node.waitForHttp("/", options),
  reverseForward: (node, options) => node.reverseForward(1, options),
  readFile: (node, options) => node.readFile("missing", options),
  readTextFile: (node, options) => node.readTextFile("missing", options),
  writeFile: (node, options) => node.writeFile("refused", new Uint8Array(), options),
  writeTextFile: (node, options) => node.writeTextFile("refused", "", options),
  open: (node, options) => node.open("refused", options),
  create: (node, options) => node.create("refused", options),
  mkdir: (node, options) => node.mkdir("refused", options),
  stat: (node, options) => node.stat("missing", options),
  readDir: (node, options) => node.readDir("missing", options).next(),
  chown: (node, options) => node.chown("missing", "0", options),
  remove: (node, options) => node.remove("missing", options),
  makeTempDir: (node, options) => node.makeTempDir(options),
  makeTempFile: (node, options) => node.makeTempFile(options),
  upload: (node, options) => node.upload("missing", "refused", options),
  download: (node, options) => node.download("missing", "refused", options),
  copyTo: (node, options) => node.copyTo("missing", node, "refused", options),
  downloadUrl: (node, options) => node.downloadUrl("http://127.0.0.1:1/", "refused", options),
};

/** Values of which none is of the kind that the option has to be. */
const WRONG: Readonly<Record<string, readonly [members: readonly string[], value: unknown]>> = {
  signal: [Object.keys(CALLS).filter((member) => member !== "forward"), {}],
  user: [["run", "spawn"], 1000],
  cwd: [["run", "spawn"], 1],
  stdinFile: [["run", "spawn"], {}],
  clearEnv: [["run", "spawn"], "yes"],
  timeout: [["run", "spawn", "waitForPort", "waitForHttp"], "5s"],
  while: [["waitForPort", "waitForHttp"], {}],
  status: [["waitForHttp"], "200"],
  essential: [["spawn"], 1],
  check: [["run"], 0],
  localPort: [["forward"], "80"],
  port: [["connect", "listen", "reverseForward"], "80"],
  hostname: [["connect", "listen", "forward", "reverseForward", "waitForPort"], 127],
  recursive: [["mkdir", "remove", "chown"], 1],
  mode: [["mkdir", "open", "writeFile"], "644"],
  prefix: [["makeTempDir", "makeTempFile"], 1],
};

/** Numbers that are no permissions on any node, and a text. */
const WRONG_MODES: readonly Untyped[] = [-1, 1.5, NaN, 0o200000, "644", null];

/** What no process can be started with. */
const WRONG_STARTS: readonly (readonly [options: Untyped, message: RegExp])[] = [
  [{ cwd: "a\0b" }, /^The cwd of "no-such-command" must not contain a NUL character$/],
  [{ stdinFile: "a\0b" }, /^The stdinFile of "no-such-command" must not contain a NUL character$/],
  [{ stdout: { file: "log", append: true } }, /there is no option "append"; .*: file$/],
];

/** The same of a cluster, and of its nodes. */
async function checkCluster(cluster: Cluster, newCluster: Scene["newCluster"]): Promise<void> {
  const create = (options: Untyped) => newCluster(options);
  const add = (options: Untyped) => cluster.addNode(options);
  const refusals = [
    [create({ heartBeat: {} }), /did you mean "heartbeat"\?$/],
    [create({ heartbeat: 5 }), /heartbeat must be an object, not 5$/],
    [create({ heartbeat: { intervall: 5 } }), /did you mean "interval"\?$/],
    [create({ heartbeat: { timeout: "5" } }), /timeout must be a number of milliseconds, not "5"$/],
    [
      create({ progress: "loud" }),
      /progress must be true or false or "all" or "output", not "loud"$/,
    ],
    [add({ nmae: "x" }), /^Cannot call cluster\.addNode\(\): .* did you mean "name"\?$/],
    [cluster.addNodes(2, { enviroment: {} } as Untyped), /no option "enviroment"/],
  ] as const;
  for (const [call, message] of refusals) await rejects(call, { name: "TypeError", message });
}

/** What is said of options that cannot be; nothing is started then. */
export const optionCases: readonly ConformanceCase[] = [
  {
    name: "options that no call has are refused by their names, before anything is started",
    async run({ node }) {
      for (const [member, call] of Object.entries(CALLS)) {
        const message = new RegExp(`^Cannot call node.${member}\\(.*: there is no option "odd"; `);
        await rejects(call(node, { odd: 1 }), { name: "TypeError", message }, member);
      }
      await rejects(node.lstat("refused"), Deno.errors.NotFound);
    },
  },
  {
    name: "options of a wrong kind are refused, and say what they must be",
    async run({ node }) {
      for (const [option, [members, value]] of Object.entries(WRONG)) {
        const message = new RegExp(`: ${option} must be .*, not `);
        for (const member of members) {
          await rejects(CALLS[member]!(node, { [option]: value }), { name: "TypeError", message });
        }
      }
      await rejects(node.lstat("refused"), Deno.errors.NotFound);
    },
  },
  {
    name: "modes that are none, and streams and folders of processes, are refused alike everywhere",
    async run({ node }) {
      const message = /: mode must be permissions such as 0o644, not /;
      for (const mode of WRONG_MODES) {
        for (const member of ["mkdir", "open", "writeFile", "writeTextFile"]) {
          await rejects(CALLS[member]!(node, { mode }), { name: "TypeError", message }, member);
        }
        await rejects(node.chmod("missing", mode), { name: "TypeError", message });
      }
      await rejects(node.chmod("missing", undefined as Untyped), { name: "TypeError", message });
      for (const [options, message] of WRONG_STARTS) {
        for (const member of ["run", "spawn"]) {
          await rejects(CALLS[member]!(node, options), { name: "TypeError", message });
        }
      }
      await rejects(node.lstat("refused"), Deno.errors.NotFound);
    },
  },
  {
    name: "a cluster and its nodes refuse options that they do not have, or of a wrong kind",
    run: ({ cluster, newCluster }) => checkCluster(cluster, newCluster),
  },
];
