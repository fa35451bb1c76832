import { strictEqual } from "node:assert/strict";

const PROGRAM = `
import { Cluster } from "@clustertest/clustertest";
const kept = await Cluster.create(undefined, { name: "kept" });
const given = await Cluster.create(undefined, { name: "given-back" });
await given[Symbol.asyncDispose]();
Deno.exit(0);
`;

Deno.test("a program whose author forgot to dispose of a cluster is told so at its end", async () => {
  const root = new URL("../..", import.meta.url);
  await using stack = new AsyncDisposableStack();
  const path = await Deno.makeTempFile({ suffix: ".ts" });
  stack.defer(() => Deno.remove(path));
  await Deno.writeTextFile(path, PROGRAM);
  const { stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", "--quiet", "--config", "deno.json", path],
    cwd: root,
    env: { CLUSTERTEST_BACKEND: "local", CLUSTERTEST_PROGRESS: "off", NO_COLOR: "1" },
  }).output();
  strictEqual(
    new TextDecoder().decode(stderr),
    'clustertest: cluster "kept" was never disposed of: make it with "await using cluster = …"\n',
  );
});
