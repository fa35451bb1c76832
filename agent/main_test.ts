import assert from "node:assert/strict";
import { join } from "node:path";
import { HELP } from "./command_line.ts";
import { Fleet } from "./client/fleet.ts";
import { Authority } from "./testing/authority.ts";
import { spawnAgent, TestAgent } from "./testing/test_agent.ts";

const SECRET = "5ec2e7".repeat(8);

Deno.test("the agent explains itself when asked to", async () => {
  assert.deepEqual(await run(["--help"]), { code: 0, stdout: HELP, stderr: "" });
});

Deno.test("the agent exits with 2 and one line when its command line is wrong", async () => {
  const { code, stdout, stderr } = await run(["--nonsense"]);
  assert.equal(code, 2);
  assert.equal(stdout, "");
  assert.match(stderr, /^\S+Z Unknown option '--nonsense' \(see --help\)\n$/);
});

Deno.test("the agent exits with 1 and one line when its launch document is wrong", async () => {
  const { code, stdout, stderr } = await run(["--root", "/tmp"], `"${SECRET}" and more`);
  assert.equal(code, 1);
  assert.equal(stdout, "");
  assert.match(stderr, /^\S+Z Cannot read the launch document: it is not JSON\n$/);
});

Deno.test("the agent removes its launch file before it serves", async () => {
  const dir = await Deno.makeTempDir();
  try {
    const file = join(dir, "launch.json");
    const { launch } = Authority.make();
    await Deno.writeTextFile(file, JSON.stringify(launch));
    await using agent = await TestAgent.start({ launch: undefined, args: ["--launch", file] });
    await assert.rejects(Deno.stat(file), Deno.errors.NotFound);
    assert.equal(agent.log, "");
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

Deno.test({
  name: "the agent shows no secret to those who look at its process or at what it starts",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    await using fleet = Fleet.create({ heartbeat: { interval: 1_000, timeout: 60_000 } });
    using launch = fleet.launch();
    await using agent = await TestAgent.start({ launch: launch.document });
    await using connection = await launch.connect(agent.address, { name: "node" });
    const { host } = connection;
    await using child = await host.processes.start({ command: "cat", args: [], stdin: "piped" });
    const seen = await Promise.all(
      [agent.pid, child.pid].flatMap((pid) => [
        Deno.readTextFile(`/proc/${pid}/cmdline`),
        Deno.readTextFile(`/proc/${pid}/environ`),
      ]),
    );
    for (const text of [...seen, agent.log]) {
      assert.ok(!text.includes(launch.document.token));
      assert.doesNotMatch(text, /PRIVATE KEY/);
    }
    assert.match(seen[3]!, /PATH=/);
    assert.doesNotMatch(seen[3]!, /DENO_/);
  },
});

async function run(
  args: string[],
  input = "",
): Promise<{ code: number; stdout: string; stderr: string }> {
  const child = await spawnAgent(args);
  const writer = child.stdin.getWriter();
  // One that does not read its input has ended already.
  await writer.write(new TextEncoder().encode(input)).then(() => writer.close()).catch(() => {});
  const { code, stdout, stderr } = await child.output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}
