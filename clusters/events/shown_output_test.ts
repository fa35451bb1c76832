import assert from "node:assert/strict";

/** A test whose nodes write by `run()` and `spawn()`. */
const SOURCE = `
import { Cluster } from ${JSON.stringify(import.meta.resolve("../../mod.ts"))};
Deno.test("it", async () => {
  await using cluster = await Cluster.create(undefined, { name: "shown" });
  const [one, two] = await cluster.addNodes(2);
  await one.run("sh", ["-c", "echo ran; printf unfinished"]);
  await using process = await two.spawn("sh", ["-c", "echo spawned; echo wrong >&2; cat"], {
    stdin: "piped",
  });
  await process.stdin.close();
  await process.status;
});
`;

/** What `deno test` shows of a test with this progress, without times. */
async function linesWith(progress: string): Promise<string[]> {
  const dir = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${dir}/shown_test.ts`, SOURCE);
    const config = new URL("../../deno.json", import.meta.url).pathname;
    const { stdout, stderr, code } = await new Deno.Command(Deno.execPath(), {
      args: ["test", "-A", "--no-check", "--config", config, "shown_test.ts"],
      cwd: dir,
      env: { CLUSTERTEST_PROGRESS: progress, CLUSTERTEST_BACKEND: "local", NO_COLOR: "1" },
    }).output();
    const texts = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
    const lines = texts.join("\n").split("\n");
    assert.equal(code, 0, lines.join("\n"));
    return lines.map((line) => line.replace(/^\d\d:\d\d:\d\d\.\d{3} /, ""));
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

Deno.test("CLUSTERTEST_PROGRESS=output shows what processes write, with node and process", async () => {
  const lines = await linesWith("output");
  for (
    const line of [
      /^shown: node1 \d+-sh \| ran$/,
      /^shown: node1 \d+-sh \| unfinished$/,
      /^shown: node2 \d+-sh \| spawned$/,
      /^shown: node2 \d+-sh ! wrong$/,
    ]
  ) assert.equal(lines.filter((each) => line.test(each)).length, 1, lines.join("\n"));
  const others = lines.filter((line) => line.startsWith("shown: "));
  assert.equal(others.length, 4, lines.join("\n"));
});

Deno.test("without it, no output is shown", async () => {
  for (const progress of ["on", "all"]) {
    assert.ok(!(await linesWith(progress)).some((line) => / \d+-sh [|!] /.test(line)), progress);
  }
});
