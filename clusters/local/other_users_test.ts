import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { dirname, join } from "node:path";
import { Cluster } from "../cluster/mod.ts";
import { CommandError } from "../errors.ts";
import { requirement } from "../requirement.ts";
import { local } from "./backend.ts";

const root = await requirement("root", async () => {
  const uid = Deno.uid();
  if (uid !== 0) throw new Error(`the user is ${uid}`);
  return await Promise.resolve("root");
});

const ignore = root === undefined || Deno.build.os !== "linux";

/** What a user of this machine who has nothing to do with the test can do with a shell. */
async function strangerCan(script: string, ...args: string[]): Promise<boolean> {
  const user = ["--reuid=54321", "--regid=54321", "--clear-groups", "sh", "-c", script, "sh"];
  const { success } = await new Deno.Command("setpriv", { args: [...user, ...args] }).output();
  return success;
}

Deno.test({
  name: "others see nothing of local nodes of root, but for what a node has given to a user",
  ignore,
  fn: async () => {
    await using cluster = await Cluster.create(local());
    const [open, closed] = await cluster.addNodes(2);
    for (const node of [open, closed]) await node.writeTextFile("known/file", "content");
    await open.run("true", [], { user: "54321" });
    strictEqual(await strangerCan('cat "$1"', join(open.rootDir, "known/file")), true);
    for (const file of ["known/file", ".tmp"]) {
      strictEqual(await strangerCan('ls "$1"', join(closed.rootDir, file)), false);
    }
    // Nobody lists what is there, or finds whose it is; nor makes anything.
    const way = [open.rootDir, dirname(open.rootDir), dirname(dirname(open.rootDir))];
    for (const folder of [...way, dirname(way.at(-1)!)]) {
      strictEqual(await strangerCan('ls "$1"', folder), false, folder);
      strictEqual(await strangerCan(': >"$1/made"', folder), false, folder);
    }
    const run = way.at(-1)!;
    const owners = [...Deno.readDirSync(run)].filter(({ isFile }) => isFile);
    ok(owners.length > 0);
    strictEqual(await strangerCan('ls "$1"', join(way[1]!, ".s/.")), false);
    for (const { name } of owners) {
      strictEqual(await strangerCan('cat "$1"', join(run, name)), false);
    }
  },
});

Deno.test({
  name: "a user's temporary files are in the node's folder, and only that user's to remove",
  ignore,
  fn: async () => {
    await using cluster = await Cluster.create(local());
    const node = await cluster.addNode();
    const { stdout } = await node.run("mktemp", [], { user: "54321" });
    ok(stdout.startsWith(`${node.rootDir}/`), stdout);
    await rejects(node.run("rm", ["-f", stdout.trim()], { user: "54322" }), CommandError);
    await node.run("rm", [stdout.trim()], { user: "54321" });
  },
});

Deno.test({
  name: "what a user has made ends with its node, though links lead out of it",
  ignore,
  fn: async () => {
    const outside = await Deno.makeTempDir();
    await Deno.writeTextFile(join(outside, "kept"), "");
    try {
      let rootDir: string;
      {
        await using cluster = await Cluster.create(local());
        const node = await cluster.addNode();
        rootDir = node.rootDir;
        await node.mkdir("home");
        await node.chown("home", "54321");
        const script =
          `cd home && ln -s ${outside} link && mkdir -p deep/er && ln -s ${outside} deep/er/link
          : >deep/file && chmod 0 deep/er deep/file && { setsid sleep 1000 >/dev/null 2>&1 & }`;
        await node.run("sh", ["-c", script], { user: "54321" });
      }
      await rejects(Deno.lstat(rootDir), Deno.errors.NotFound);
      deepStrictEqual([...Deno.readDirSync(outside)].map(({ name }) => name), ["kept"]);
      ok((await Deno.lstat(outside)).uid === 0);
    } finally {
      await Deno.remove(outside, { recursive: true });
    }
  },
});

Deno.test({
  name: "processes of other users are told to end by stop(), and are killed with their node",
  ignore,
  fn: async () => {
    await using cluster = await Cluster.create(local());
    const [node, other] = await cluster.addNodes(2);
    const script = "trap 'exit 3' TERM; echo up; while :; do sleep 0.02; done";
    await using process = await node.spawn("sh", ["-c", script], { user: "54321" });
    const output = process.stdout.pipeThrough(new TextDecoderStream()).getReader();
    strictEqual((await output.read()).value, "up\n");
    const ended = process.status;
    await node.stop();
    strictEqual((await ended).code, 3);
    const stubborn = ["sh", "-c", "trap '' TERM; sleep 1000 & wait"];
    const { pid } = await other.spawn("setsid", ["--fork", ...stubborn], { user: "54322" });
    await other.destroy();
    await rejects(Deno.lstat(`/proc/${pid}`), Deno.errors.NotFound);
    const { stdout } = await new Deno.Command("ps", { args: ["-U", "54322", "-o", "stat="] })
      .output();
    const states = new TextDecoder().decode(stdout).split("\n").filter((state) => state !== "");
    deepStrictEqual(states.filter((state) => !state.startsWith("Z")), []);
  },
});
