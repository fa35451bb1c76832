import { match, strictEqual } from "node:assert/strict";
import type { FileSystem } from "../../agent/host/host.ts";
import { PodDisks } from "./pod_disks.ts";

const MEBIBYTE = 2 ** 20;

function fileSystem(mountPoint: string, more: Partial<FileSystem> = {}): FileSystem {
  const size = 16 * MEBIBYTE;
  return { mountPoint, type: "tmpfs", source: "tmpfs", size, free: size, ...more };
}

const memory = (sizeLimit?: unknown) => ({ emptyDir: { medium: "Memory", sizeLimit } });

const volumes = {
  "/limited/": memory("16Mi"),
  "/smaller": memory("15Mi"),
  "/decimal": memory("17M"),
  "/bytes": memory(16 * MEBIBYTE),
  "/endless": memory(),
  "/odd": memory("much"),
  "/disk": { emptyDir: { sizeLimit: "16Mi" } },
};

const disks = new PodDisks({ volumes, sharesMemory: false });

Deno.test("PodDisks lets what is in memory be full, as far as the cluster limits it", async () => {
  for (const path of ["/limited", "/decimal", "/bytes", "/dev/shm"]) {
    strictEqual(await disks.sharedWhy(fileSystem(path)), undefined, path);
  }
});

Deno.test("PodDisks says of all others why they are not to be filled", async () => {
  const cases: readonly (readonly [FileSystem, RegExp])[] = [
    [fileSystem("/smaller"), /16777216 bytes, more than the sizeLimit/],
    [fileSystem("/endless"), /no sizeLimit/],
    [fileSystem("/odd"), /no sizeLimit/],
    [fileSystem("/disk", { type: "ext4" }), /not the pod's alone/],
    [fileSystem("/", { type: "overlay" }), /not the pod's alone/],
    [fileSystem("/run"), /not the pod's alone/],
  ];
  for (const [each, reason] of cases) match((await disks.sharedWhy(each))!, reason);
  const shared = new PodDisks({ volumes, sharesMemory: true });
  match((await shared.sharedWhy(fileSystem("/dev/shm")))!, /not the pod's alone/);
});
