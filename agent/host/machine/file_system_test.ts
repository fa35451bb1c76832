import assert from "node:assert/strict";
import { findFileSystem, parseMounts } from "./file_system.ts";

const ignore = Deno.build.os !== "linux";

Deno.test("parseMounts() knows where, what and of which type mounts are", () => {
  const text = "117 50 0:40 / / rw,relatime master:3 - overlay overlay rw,lowerdir=/x - y\n" +
    "119 117 0:48 / /with\\040blank rw - tmpfs tmpfs\\134 rw,size=65536k\n";
  assert.deepEqual(parseMounts(text), [
    { mountPoint: "/", type: "overlay", source: "overlay" },
    { mountPoint: "/with blank", type: "tmpfs", source: "tmpfs\\" },
  ]);
});

Deno.test({
  name: "findFileSystem() finds that of a folder, and no other whose name begins alike",
  ignore,
  fn: async () => {
    const proc = await findFileSystem("/proc/self");
    assert.deepEqual([proc.mountPoint, proc.type], ["/proc", "proc"]);
    const { size, free } = await findFileSystem("/");
    assert.ok(size > 0 && free >= 0 && free <= size);
    await assert.rejects(findFileSystem("/proc/self/status"), Deno.errors.NotADirectory);
    await assert.rejects(findFileSystem("/no/such"), Deno.errors.NotFound);
  },
});
