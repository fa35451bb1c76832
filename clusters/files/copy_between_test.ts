import { rejects, strictEqual } from "node:assert/strict";
import { Cluster } from "../cluster/mod.ts";
import { local } from "../local/mod.ts";
import { loopback } from "../loopback/mod.ts";

Deno.test("copyTo() goes from one backend to another, and says of which node an error is", async () => {
  await using here = await Cluster.create(local(), { progress: false });
  await using there = await Cluster.create(loopback(), { progress: false });
  const one = await here.addNode({ name: "one" });
  const other = await there.addNode({ name: "other" });
  await one.writeTextFile("tree/file", "content");
  await one.copyTo("tree", other, "copy");
  await other.copyTo("copy/file", one, "back");
  strictEqual(await one.readTextFile("back"), "content");
  const wrong = 'Cannot copy "other:copy" to "one:back": ';
  await rejects(
    other.copyTo("copy", one, "back"),
    ({ message }: Error) => message.startsWith(wrong) && message.endsWith('(node "one" on local)'),
  );
});
