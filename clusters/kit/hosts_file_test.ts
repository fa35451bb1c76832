import { rejects, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { LocalHost } from "../../agent/host/local_host.ts";
import { type HostsEntry, HostsFile } from "./hosts_file.ts";

const BEFORE = "127.0.0.1\tlocalhost\n\n# of the image\n10.9.9.9 extra\n";
const OTHERS = "127.0.0.1\tlocalhost\n# of the image\n10.9.9.9 extra\n";

const one: HostsEntry = { name: "node1", address: "10.0.0.1" };
const two: HostsEntry = { name: "node2", address: "10.0.0.2" };
const linked: HostsEntry = { name: "node2", address: "127.5.6.7" };

/** Has the file of a folder of its own, with a host that changes it. */
function test(
  name: string,
  fn: (scene: { host: LocalHost; path: string; file: HostsFile }) => Promise<void>,
): void {
  Deno.test(name, async () => {
    const rootDir = await Deno.makeTempDir();
    await using host = await LocalHost.open({ rootDir });
    const path = join(rootDir, "hosts");
    await Deno.writeTextFile(path, BEFORE);
    await fn({ host, path, file: new HostsFile(path) });
    await Deno.remove(rootDir, { recursive: true });
  });
}

test("HostsFile tells the names of its authors, and keeps lines of others", async (scene) => {
  const { host, path, file } = scene;
  const content = () => Deno.readTextFile(path);
  await file.set("backend", [one, two], { host });
  strictEqual(await content(), `${OTHERS}10.0.0.1\tnode1\n10.0.0.2\tnode2\n`);
  await Deno.writeTextFile(path, "10.8.8.8 late\n", { append: true });
  await file.set("backend", [one], { host });
  strictEqual(await content(), `${OTHERS}10.8.8.8 late\n10.0.0.1\tnode1\n`);
  await file.set("backend", [], { host });
  strictEqual(await content(), `${OTHERS}10.8.8.8 late\n`);
});

test("HostsFile has a name lead where a link does, as long as there is one", async (scene) => {
  const { host, path, file } = scene;
  await Promise.all([
    file.set("backend", [one, two], { host }),
    file.set("links", [linked, { ...linked }], { host }),
  ]);
  const withLink = `${OTHERS}10.0.0.1\tnode1\n127.5.6.7 node2 # clustertest link\n`;
  strictEqual(await Deno.readTextFile(path), withLink);
  await file.set("links", [], { host });
  strictEqual(await Deno.readTextFile(path), `${OTHERS}10.0.0.1\tnode1\n10.0.0.2\tnode2\n`);
});

test("HostsFile rejects what cannot be written, and goes on with the next change", async (scene) => {
  const { host, path, file } = scene;
  await Deno.remove(path);
  await rejects(file.set("links", [linked], { host }), Deno.errors.NotFound);
  const reason = new Error("enough");
  await rejects(
    file.set("backend", [one], { host, signal: AbortSignal.abort(reason) }),
    (error) => error === reason,
  );
  await Deno.writeTextFile(path, "");
  await file.set("links", [], { host });
  strictEqual(await Deno.readTextFile(path), "10.0.0.1\tnode1\n");
});
