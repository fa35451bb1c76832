import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert/strict";
import type { Cluster } from "../cluster/mod.ts";
import type { Node } from "../node/mod.ts";
import type { ConformanceCase } from "./conformance_case.ts";

/** A number that no machine gives to its own users. */
function unusedNumber(): number {
  return 1_500_000_000 + crypto.getRandomValues(new Uint32Array(1))[0]! % 500_000_000;
}

/** Whether what the node starts belongs to root: otherwise it cannot be started as others. */
async function isRoot(node: Node): Promise<boolean> {
  return (await node.run("id", ["-u"])).stdout.trim() === "0";
}

/** Asserts that a node that is not root says so, and what to do about it. */
async function refuses(call: Promise<unknown>): Promise<void> {
  await rejects(call, (error: Error) => {
    ok(error instanceof Deno.errors.PermissionDenied, `${error}`);
    match(error.message, /[Oo]nly root can .*docker\(\{ user: "root" \}\)/);
    return true;
  });
}

/** What the node's files say of the user "nobody". */
async function nobodyOf(node: Node): Promise<Record<"uid" | "gid" | "home" | "shell", string>> {
  const lines = (await node.readTextFile("/etc/passwd")).split("\n");
  const [, , uid, gid, , home, shell] = lines.find((each) => each.startsWith("nobody:"))!.split(
    ":",
  );
  return { uid: uid!, gid: gid!, home: home!, shell: shell! };
}

/** What is wrong as a user, and what is said of it. */
const WRONG: readonly (readonly [user: string, type: ErrorConstructor, message: RegExp])[] = [
  ["", TypeError, /^Cannot start "id": user must be a name or a number.*, not ""/],
  [":0", TypeError, /not ":0"/],
  ["0:0:0", TypeError, /not "0:0:0"/],
  ["4294967295", TypeError, /not "4294967295"/],
  ["4294967296", TypeError, /not "4294967296"/],
  ["root\n", TypeError, /user must be/],
  ["-1", TypeError, /not "-1"/],
  ["x".repeat(600), TypeError, /user must be/],
];

/** The users of processes that the events tell of, from now on. */
function usersIn({ events }: Cluster): Disposable & { readonly seen: (string | undefined)[] } {
  const seen: (string | undefined)[] = [];
  const subscription = events.subscribe((event) => {
    if (event.type === "command-started") seen.push(event.user);
  });
  return { seen, [Symbol.dispose]: () => subscription[Symbol.dispose]() };
}

/** How many processes of the node belong to a user, and have not ended. */
async function countOf(node: Node, uid: number): Promise<number> {
  const script = 'grep -hE "^(State|Uid):" /proc/[0-9]*/status 2>/dev/null; true';
  const { stdout } = await node.run("sh", ["-c", script]);
  return stdout.split("State:").filter((text) => {
    const [, state, number] = /^\s+(\S).*\nUid:\s+(\d+)/.exec(text) ?? [];
    return number === `${uid}` && state !== "Z";
  }).length;
}

/** Processes and files of other users than root. */
export const userCases: readonly ConformanceCase[] = [
  {
    name: "run() and spawn() start a process as another user, by name, with its variables",
    programs: ["sh", "id"],
    systems: ["linux"],
    async run({ node, cluster }) {
      const script =
        'echo "$(id -u) $(id -g)"; echo "$USER $LOGNAME $HOME"; echo $SHELL >/dev/stderr';
      if (!await isRoot(node)) {
        await refuses(node.run("sh", ["-c", script], { user: "nobody" }));
        await refuses(node.spawn("sh", ["-c", script], { user: "0" }));
        return;
      }
      using users = usersIn(cluster);
      const { uid, gid, home, shell } = await nobodyOf(node);
      const expected = [`${uid} ${gid}\nnobody nobody ${home}\n`, `${shell}\n`];
      const { stdout, stderr } = await node.run("sh", ["-c", script], { user: "nobody" });
      deepStrictEqual([stdout, stderr], expected);
      await using process = await node.spawn("sh", ["-c", script], { user: "nobody" });
      deepStrictEqual([await process.stdout.text(), await process.stderr.text()], expected);
      deepStrictEqual(users.seen, ["nobody", "nobody"]);
    },
  },
  {
    name: "run() starts a command as another user, by numbers, and env goes before its variables",
    programs: ["sh", "id"],
    systems: ["linux"],
    async run({ node }) {
      if (!await isRoot(node)) return await refuses(node.run("id", [], { user: "1:2" }));
      const [uid, gid] = [unusedNumber(), unusedNumber()];
      const said = async (user: string, env = {}) => {
        const script = 'echo $(id -u) $(id -G) "$USER" $HOME';
        return (await node.run("sh", ["-c", script], { user, env })).stdout.trim();
      };
      strictEqual(await said(`${uid}`), `${uid} ${uid}  /`);
      strictEqual(await said(`${uid}:${gid}`), `${uid} ${gid}  /`);
      strictEqual(await said(`${uid}`, { USER: "me", HOME: "/me" }), `${uid} ${uid} me /me`);
      const options = { user: "nobody", clearEnv: true };
      const { stdout } = await node.run("/bin/sh", ["-c", "echo $USER-$HOME"], options);
      strictEqual(stdout, "-\n");
    },
  },
  {
    name: "run() refuses users that cannot be, before it starts anything",
    programs: ["id"],
    systems: ["linux"],
    async run({ node }) {
      for (const [user, type, message] of WRONG) {
        await rejects(node.run("id", [], { user }), (error: Error) => {
          ok(error instanceof type && message.test(error.message), `${user}: ${error}`);
          return true;
        });
      }
      if (!await isRoot(node)) return;
      const missing = (user: string) =>
        rejects(node.run("no-such-command", [], { user }), (error: Error) => {
          ok(error instanceof Deno.errors.NotFound, `${error}`);
          match(
            error.message,
            /as "(no-such-user|0:no-such-group)": \/etc\/(passwd|group) of the node/,
          );
          return true;
        });
      await missing("no-such-user");
      await missing("0:no-such-group");
    },
  },
  {
    name: "a process of another user begins only where that user may go, and writes where it may",
    programs: ["sh", "id", "cat"],
    systems: ["linux"],
    async run({ node, dir }) {
      if (!await isRoot(node)) return;
      const user = `${unusedNumber()}`;
      const closed = `${dir}/closed`;
      await node.mkdir(closed, { mode: 0o700 });
      await rejects(node.run("id", [], { user, cwd: closed }), (error: Error) => {
        ok(error instanceof Deno.errors.PermissionDenied, `${error}`);
        match(error.message, /as "\d+": its working directory '.*closed' cannot be entered: Perm/);
        return true;
      });
      const touched = await node.run("sh", ["-c", ": >mine"], { user, check: false });
      strictEqual(touched.success, false);
      // Root opens what stands for streams; the user has only got it.
      await node.writeTextFile(`${closed}/input`, "content");
      const streams = { stdinFile: `${closed}/input`, stdout: { file: `${closed}/output` } };
      await node.run("cat", [], { user, ...streams });
      strictEqual(await node.readTextFile(`${closed}/output`), "content");
      strictEqual((await node.stat(`${closed}/output`)).uid, 0);
      await node.run("sh", ["-c", "f=${TMPDIR:-/tmp}/mine-$$; : >$f && rm $f"], { user });
    },
  },
  {
    name: "chown() gives files to users by names and by numbers, and they write them",
    programs: ["sh", "id"],
    systems: ["linux"],
    async run({ node, dir }) {
      const path = `${dir}/mine`;
      await node.mkdir(path);
      const owner = async () => {
        const { uid, gid } = await node.stat(path);
        return [uid, gid];
      };
      if (!await isRoot(node)) return await refuses(node.chown(path, "0"));
      const { uid, gid } = await nobodyOf(node);
      await node.chown(path, "nobody");
      deepStrictEqual(await owner(), [Number(uid), 0]);
      await node.chown(path, "nobody:");
      deepStrictEqual(await owner(), [Number(uid), Number(gid)]);
      await node.run("sh", ["-c", `: >${path}/file`], { user: "nobody" });
      const [one, two] = [unusedNumber(), unusedNumber()];
      await node.chown(path, one, null);
      deepStrictEqual(await owner(), [one, Number(gid)]);
      await node.chown(path, null, two);
      deepStrictEqual(await owner(), [one, two]);
      await node.chown(path, `${two}:${one}`);
      deepStrictEqual(await owner(), [two, one]);
      await node.chown(path, ":0");
      deepStrictEqual(await owner(), [two, 0]);
      strictEqual((await node.stat(`${path}/file`)).uid, Number(uid));
    },
  },
  {
    name: "chown() with recursive changes all that is in a folder, and nothing that links lead to",
    programs: ["id"],
    systems: ["linux"],
    async run({ node, dir }) {
      if (!await isRoot(node)) return;
      await node.mkdir(`${dir}/tree/a/b`, { recursive: true });
      await node.mkdir(`${dir}/other`);
      await node.writeTextFile(`${dir}/tree/a/b/file`, "");
      await node.writeTextFile(`${dir}/other/file`, "");
      await node.symlink("../../other", `${dir}/tree/a/link`);
      await node.symlink("tree", `${dir}/way`);
      const [uid, gid] = [unusedNumber(), unusedNumber()];
      await node.chown(`${dir}/way`, uid, gid, { recursive: true });
      for (const name of ["tree", "tree/a", "tree/a/b", "tree/a/b/file", "tree/a/link"]) {
        const info = await node.lstat(`${dir}/${name}`);
        deepStrictEqual([info.uid, info.gid], [uid, gid], name);
      }
      for (const name of ["other", "other/file", "way"]) {
        strictEqual((await node.lstat(`${dir}/${name}`)).uid, 0, name);
      }
    },
  },
  {
    name: "chown() refuses what cannot be an owner, and changes nothing then",
    async run({ node, dir }) {
      const path = `${dir}/file`;
      await node.writeTextFile(path, "");
      const { uid, gid } = await node.stat(path);
      // deno-lint-ignore no-explicit-any -- as untyped code calls it
      const chown = node.chown.bind(node) as (...args: any[]) => Promise<void>;
      const wrong = [["a:b:c"], [""], ["4294967295"], [1.5, 0], [0, 2 ** 32], [-1, 0], [0], [
        {},
        0,
      ]];
      for (const args of wrong) {
        await rejects(chown(path, ...args), /^(Type|Range)Error: Cannot change the owner of /);
      }
      await rejects(node.chown(path, "no-such-user"), Deno.errors.NotFound);
      await rejects(node.chown(`${dir}/missing`, null, null), Deno.errors.NotFound);
      await node.chown(path, null, null);
      const after = await node.stat(path);
      deepStrictEqual([after.uid, after.gid], [uid, gid]);
    },
  },
  {
    name: "processes of another user end with the node's others, whichever group they are in",
    programs: ["sh", "id", "setsid", "sleep", "grep"],
    systems: ["linux"],
    abilities: ["restart"],
    async run({ cluster }) {
      await using node = await cluster.addNode();
      if (!await isRoot(node)) return;
      const uid = unusedNumber();
      const script = "setsid sleep 1000 & cd /; sleep 1000 & echo up; wait";
      const process = await node.spawn("sh", ["-c", script], { user: `${uid}` });
      await process.stdout.getReader().read();
      const left = "setsid sh -c 'sleep 1000 & sleep 1000' >/dev/null 2>&1 &";
      await node.run("sh", ["-c", left], { user: `${uid}` });
      ok(await countOf(node, uid) >= 4);
      await process[Symbol.asyncDispose]();
      await node.restart();
      strictEqual(await countOf(node, uid), 0);
    },
  },
];
