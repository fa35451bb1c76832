/** Mounts a file system whose server is this process, which never answers: over a file or a folder. */
const MOUNT = `exec 5<>/dev/fuse
  mode=$([ -d "$0" ] && echo 40000 || echo 100000)
  mount -i -t fuse -o "fd=5,rootmode=$mode,user_id=0,group_id=0" dead "$0" && exec "$@"`;

/** Rejects where there can be no dead files. */
export async function checkDeadFiles(): Promise<string> {
  const file = await Deno.makeTempFile();
  try {
    const [command, ...args] = [...deadFile(file), "true"];
    const { success, stderr } = await new Deno.Command(command!, { args }).output();
    if (!success) throw new Error(new TextDecoder().decode(stderr).trim());
    return command!;
  } finally {
    await Deno.remove(file);
  }
}

/**
 * A command line that another one follows. For that program and what it starts, the file or folder at
 * `path` is one of a server that does not answer: no call that looks at it returns, unless its caller
 * is killed. That is gone with the program, which holds it open.
 */
export function deadFile(path: string): string[] {
  return ["unshare", "--mount", "sh", "-c", MOUNT, path];
}
