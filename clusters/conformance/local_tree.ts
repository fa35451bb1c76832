import { join } from "node:path";

/** A folder with everything that a folder may have. */
export async function makeTree(dir: string): Promise<void> {
  await Deno.mkdir(join(dir, "empty"), { recursive: true });
  await Deno.mkdir(join(dir, "dür with space/nested"), { recursive: true });
  await Deno.writeTextFile(join(dir, "dür with space/nested/file"), "content");
  await Deno.writeTextFile(join(dir, "nothing"), "");
  await Deno.writeTextFile(join(dir, "program"), "#!/bin/sh\n", { mode: 0o755 });
  await Deno.writeTextFile(join(dir, "secret"), "secret", { mode: 0o600 });
  await Deno.writeTextFile(join(dir, "long-".repeat(45)), "long name");
  await Deno.symlink("nothing", join(dir, "link"));
  await Deno.symlink("no/such/thing", join(dir, "dangling"));
}

/** Path, kind, permissions and content of everything below a folder. */
export async function describeTree(dir: string, below = ""): Promise<string[]> {
  const lines: string[] = [];
  for await (const { name, isDirectory, isSymlink } of Deno.readDir(join(dir, below))) {
    const path = join(below, name);
    const full = join(dir, path);
    const mode = ((await Deno.lstat(full)).mode! & 0o777).toString(8);
    if (isSymlink) lines.push(`${path} -> ${await Deno.readLink(full)}`);
    else if (isDirectory) lines.push(`${path}/ ${mode}`, ...await describeTree(dir, path));
    else lines.push(`${path} ${mode} ${await Deno.readTextFile(full)}`);
  }
  return lines.sort();
}
