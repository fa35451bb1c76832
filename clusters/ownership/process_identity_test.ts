import { match, ok, strictEqual } from "node:assert/strict";
import { requirement } from "../requirement.ts";
import { formatIdentity } from "./identity_text.ts";
import { currentProcess, isGone, startByPs, stateOf } from "./process_identity.ts";

const self = currentProcess();

Deno.test("stateOf() tells this process from others, also from one with its number", () => {
  strictEqual(stateOf(self), "alive");
  strictEqual(stateOf(currentProcess()), "alive");
  strictEqual(stateOf({ ...self, start: "1" }), "gone");
  strictEqual(stateOf({ ...self, namespace: "0123456789abcdef" }), "unknown");
  strictEqual(isGone({ ...self, namespace: "0123456789abcdef", start: "1" }), false);
});

Deno.test("stateOf() knows that a process has ended, also when nobody has asked for its status", async () => {
  const child = new Deno.Command("true", { stdout: "null" }).spawn();
  const { pid } = child;
  await child.status;
  strictEqual(stateOf({ ...self, pid }), "gone");
});

Deno.test("startByPs() depends on neither locale nor time zone", async () => {
  const child = new Deno.Command("cat", { stdin: "piped" }).spawn();
  const now = Date.now();
  const starts = await Promise.all(
    ["UTC", "Asia/Tokyo"].map((TZ) => startElsewhere(child.pid, { TZ, LC_ALL: "fr_FR.UTF-8" })),
  );
  await child.stdin.close();
  await child.status;
  match(starts[0]!, /^\d+$/);
  strictEqual(starts[1], starts[0]);
  ok(Math.abs(Number(starts[0]) * 1000 - now) < 60_000, starts[0]);
});

/** What `startByPs()` says in a process with these variables: its own are those of all tests. */
async function startElsewhere(pid: number, env: Record<string, string>): Promise<string> {
  const module = JSON.stringify(import.meta.resolve("./process_identity.ts"));
  const program = `import { startByPs } from ${module}; console.log(startByPs(${pid}));`;
  const args = ["eval", "--no-lock", program];
  const { stdout } = await new Deno.Command(Deno.execPath(), { args, env }).output();
  return new TextDecoder().decode(stdout).trim();
}

Deno.test("startByPs() knows no process that is not there", async () => {
  const child = new Deno.Command("true").spawn();
  await child.status;
  strictEqual(startByPs(child.pid), undefined);
});

/** A user who has nothing here. */
const NOBODY = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"];

/** What is changed in namespaces of its own, by a shell, before the same is asked again. */
const CHANGES: readonly { name: string; script: string; state: string; as?: string[] }[] = [
  { name: "on a host that was renamed", script: "hostname renamed", state: "alive" },
  {
    name: "on another machine with the same name",
    script: "echo another-boot > $DIR/boot && mount --bind $DIR/boot $BOOT",
    state: "unknown",
  },
  {
    name: "on a clone of the machine that goes on with its memory and has an id of its own",
    script: "echo another-machine > $DIR/machine && mount --bind $DIR/machine /etc/machine-id",
    state: "unknown",
  },
  { name: "in another namespace of processes", script: ":", state: "unknown", as: ["--pid"] },
  {
    name: "by a user from whom other users' processes are hidden",
    script: "umount -l /proc; mount -t proc -o hidepid=2 proc /proc",
    state: "unknown",
    as: NOBODY,
  },
];

const namespaces = await requirement("mount namespaces", async () => {
  const args = ["--mount", "--uts", "--pid", "--fork", "true"];
  const { success, stderr } = await new Deno.Command("unshare", { args }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr).trim());
  return "unshare";
});

for (const { name, script, state, as = [] } of CHANGES) {
  Deno.test({
    name: `stateOf() is "${state}" of this process ${name}`,
    ignore: namespaces === undefined,
    fn: async () => strictEqual(await stateElsewhere(script, as), state),
  });
}

/** What another process can tell of this one, after `script`. */
async function stateElsewhere(script: string, as: readonly string[]): Promise<string> {
  const dir = await Deno.makeTempDir();
  try {
    // Every user may run it, with sources that every user may read.
    const bundle = await bundled(dir);
    await Deno.chmod(dir, 0o777);
    const isPid = as.includes("--pid");
    const args = [
      ...["--mount", "--uts", ...(isPid ? ["--pid", "--fork", "--mount-proc"] : [])],
      ...["sh", "-ec", `${script}; exec "$@"`, "sh", ...(isPid ? [] : as)],
      ...[Deno.execPath(), "run", "--allow-all", "--no-check", bundle, formatIdentity(self)],
    ];
    const env = { DIR: dir, DENO_DIR: dir, BOOT: "/proc/sys/kernel/random/boot_id" };
    const { stdout, stderr } = await new Deno.Command("unshare", { args, env, cwd: "/" }).output();
    const [said, complaint] = [stdout, stderr].map((each) => new TextDecoder().decode(each).trim());
    match(said!, /^\w+$/, complaint!);
    return said!;
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

/** The program, with all that it imports, in one file below `dir`. */
async function bundled(dir: string): Promise<string> {
  const sources = ["testing/say_state.ts", "identity_text.ts", "process_identity.ts"];
  await Deno.mkdir(`${dir}/sources/testing`, { recursive: true });
  for (const source of sources) {
    await Deno.copyFile(new URL(source, import.meta.url), `${dir}/sources/${source}`);
  }
  return `${dir}/sources/testing/say_state.ts`;
}
