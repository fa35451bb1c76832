import { deepStrictEqual, ok, rejects } from "node:assert/strict";
import { basename, dirname, join } from "node:path";
import { local } from "../local/mod.ts";
import { collectReport } from "../report/mod.ts";
import { findRun } from "../runs/mod.ts";
import { Cluster, insidesOf } from "./cluster.ts";

/** What no record may have in it. */
const SECRET = "hunter2";

/** The texts of all files below a folder, by their paths. */
async function* textsBelow(folder: string): AsyncGenerator<readonly [string, string]> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = join(folder, name);
    if (isDirectory) yield* textsBelow(path);
    else yield [path, await Deno.readTextFile(path)];
  }
}

Deno.test("a record and its report have no value of a variable, no input, no password and no query", async () => {
  await using cluster = await Cluster.create(local(), { progress: false });
  const [node] = await cluster.addNodes(1, { env: { NODE_TOKEN: SECRET } });
  const url = `http://joe:${SECRET}@127.0.0.1:1/a?token=${SECRET}#${SECRET}`;
  await node.run("true", [], { env: { RUN_TOKEN: SECRET }, input: SECRET });
  await node.writeTextFile("secret", SECRET);
  const headers = { authorization: `Bearer ${SECRET}` };
  const withoutSecret = (error: Error) => !error.message.includes(SECRET);
  await rejects(node.fetch(url, { headers }), withoutSecret);
  await rejects(node.waitForHttp(url, { timeout: 100 }), withoutSecret);
  await rejects(node.waitForHttp(`/a?token=${SECRET}`, { timeout: 100 }), withoutSecret);
  await rejects(node.downloadUrl(url, "got"), withoutSecret);
  const run = dirname(insidesOf(cluster).record.folder!);
  let count = 0;
  const found: string[] = [];
  for await (const [path, text] of textsBelow(insidesOf(cluster).record.folder!)) {
    count++;
    if (text.includes(SECRET)) found.push(path);
  }
  const report = collectReport(findRun(Deno.cwd(), basename(run)));
  if (JSON.stringify(report).includes(SECRET)) found.push("the report, and the index");
  deepStrictEqual(found, []);
  ok(count > 0);
});
