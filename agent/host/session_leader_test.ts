import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { leaderProgram } from "./leader_program.ts";
import { SessionLeader } from "./session_leader.ts";

const ignore = Deno.build.os !== "linux";
const piped = { stdin: "null", stdout: "piped", stderr: "null" } as const;

interface Opened extends AsyncDisposable {
  readonly folder: string;
  readonly leader: SessionLeader;
}

async function openLeader(): Promise<Opened> {
  await using stack = new AsyncDisposableStack();
  const folder = await Deno.makeTempDir();
  stack.defer(() => Deno.remove(folder, { recursive: true }));
  const leader = stack.use(await SessionLeader.open(folder));
  ok(leader);
  const rest = stack.move();
  return { folder, leader, [Symbol.asyncDispose]: () => rest.disposeAsync() };
}

function shell(script: string, ...args: string[]) {
  return { path: "/bin/sh", name: "my-shell", args: ["-c", script, ...args] };
}

Deno.test({
  name: "spawn() makes a program the leader of a session, under the name that was given",
  ignore,
  fn: async () => {
    await using opened = await openLeader();
    const child = opened.leader.spawn(
      shell(
        'read -r stat </proc/$$/stat; set -- ${stat#*) }; echo $3 $4; tr "\\0" " " </proc/$$/cmdline',
      ),
      piped,
    );
    strictEqual(await opened.leader.began(child), true);
    const { stdout, success } = await child.output();
    const [ids, argv] = new TextDecoder().decode(stdout).split("\n");
    strictEqual(success, true);
    strictEqual(ids, `${child.pid} ${child.pid}`);
    ok(argv?.startsWith("my-shell -c "));
  },
});

Deno.test({
  name: "spawn() hands on the environment and the folder",
  ignore,
  fn: async () => {
    await using opened = await openLeader();
    const options = { ...piped, env: { WORD: "hello" }, clearEnv: true, cwd: "/" };
    const child = opened.leader.spawn(shell('echo "$WORD $1 $(pwd)"', "x", "y z"), options);
    await opened.leader.began(child);
    const { stdout } = await child.output();
    strictEqual(new TextDecoder().decode(stdout), "hello y z /\n");
  },
});

Deno.test({
  name: "began() is false for what cannot be started, and that has done nothing",
  ignore,
  fn: async () => {
    await using opened = await openLeader();
    const { folder, leader } = opened;
    for (const content of [undefined, "", "#!/no/such/interpreter\n"]) {
      const path = `${folder}/program`;
      if (content !== undefined) await Deno.writeTextFile(path, content, { mode: 0o755 });
      const child = leader.spawn({ path, name: path, args: [] }, piped);
      strictEqual(await leader.began(child), false);
      child.kill("SIGKILL");
      strictEqual((await child.output()).stdout.length, 0);
    }
  },
});

Deno.test({
  name: "SessionLeader.open() leaves no file, and needs a folder that can be written to",
  ignore,
  fn: async () => {
    await using opened = await openLeader();
    deepStrictEqual(await Array.fromAsync(Deno.readDir(opened.folder)), []);
    strictEqual(await SessionLeader.open("/proc"), undefined);
  },
});

Deno.test("leaderProgram() is an executable of its architecture, for every architecture", () => {
  for (const [arch, machine] of [["x86_64", 62], ["aarch64", 183]] as const) {
    const program = leaderProgram(arch);
    const view = new DataView(program.buffer);
    strictEqual(new TextDecoder().decode(program.subarray(1, 4)), "ELF");
    strictEqual(view.getUint16(18, true), machine);
    strictEqual(view.getBigUint64(96, true), BigInt(program.length));
  }
});
