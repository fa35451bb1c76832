import { match, strictEqual } from "node:assert/strict";
import { MachineDisks } from "./machine_disks.ts";

/** Why the file system of a line of Linux's mounts is no machine's alone. */
async function sharedWhy(
  type: string,
  source: string,
  size = 2 ** 30,
): Promise<string | undefined> {
  return await new MachineDisks().sharedWhy({
    mountPoint: "/data",
    type,
    source,
    size,
    free: size,
  });
}

Deno.test("MachineDisks has disks and memory of its machine filled", async () => {
  strictEqual(await sharedWhy("xfs", "/dev/nvme0n1p1"), undefined);
  strictEqual(await sharedWhy("ext4", "/dev/mapper/data"), undefined);
  strictEqual(await sharedWhy("tmpfs", "tmpfs"), undefined);
});

Deno.test("MachineDisks leaves alone what others may have as well, or what stores nothing", async () => {
  const others = {
    overlay: "overlay",
    nfs4: "fs-1.efs.eu-west-1.amazonaws.com:/",
    lustre: "10.0.0.1@tcp:/fsx",
    gfs2: "/dev/shared",
    virtiofs: "/dev/host",
    "fuse.s3fs": "s3fs",
    ext4: "none",
  };
  for (const [type, source] of Object.entries(others)) {
    match((await sharedWhy(type, source))!, new RegExp(`^others may have .* type "${type}"$`));
  }
  match((await sharedWhy("proc", "proc", 0))!, /^nothing can be stored .* "proc"$/);
  match((await sharedWhy("tmpfs", "tmpfs", 0))!, /^nothing can be stored .* "tmpfs"$/);
});
