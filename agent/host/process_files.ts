import type { OutputMode, ProcessSpec } from "./host.ts";
import type { HostPaths } from "./host_paths.ts";
import { createLocalFile } from "./open_local_file.ts";

/** A file that stands for one of a process's streams. */
export interface ProcessFile {
  readonly path: string;
  /** Open if it is read or written for the process; otherwise the process does that itself. */
  readonly file?: Deno.FsFile | undefined;
}

/** The files that a process reads and writes instead of having pipes to its host's user. */
export interface ProcessFiles extends Disposable {
  readonly stdin?: ProcessFile | undefined;
  readonly stdout?: ProcessFile | undefined;
  readonly stderr?: ProcessFile | undefined;
}

/** Which process opens the files: the one that is started, or this one. */
export interface ProcessFilesOptions {
  /**
   * Whether the process can be started with files. It then has its input, and what regular files it
   * writes to. An output to something else passes through this process, which tells when that takes
   * no more.
   */
  readonly direct: boolean;
}

/** Makes the files of `spec` before anything is started. Disposing closes what is open of them. */
export async function openProcessFiles(
  paths: HostPaths,
  { stdin, stdout, stderr }: ProcessSpec,
  { direct }: ProcessFilesOptions,
): Promise<ProcessFiles> {
  using stack = new DisposableStack();
  const opened = async (made: Promise<ProcessFile>) => {
    const file = await made;
    stack.defer(() => file.file?.close());
    return file;
  };
  const input = async (name: string) =>
    direct ? { path: paths.resolve(name) } : await openInput(paths, name);
  const output = async (mode: OutputMode | undefined) =>
    typeof mode === "object" ? await opened(openOutput(paths, mode.file, direct)) : undefined;
  const files = {
    stdin: typeof stdin === "object" ? await opened(input(stdin.file)) : undefined,
    stdout: await output(stdout),
    stderr: await output(stderr),
  };
  const owned = stack.move();
  return { ...files, [Symbol.dispose]: () => owned.dispose() };
}

async function openInput(paths: HostPaths, name: string): Promise<ProcessFile> {
  const path = paths.resolve(name);
  const file = await Deno.open(path);
  if ((await file.stat()).isDirectory) {
    file.close();
    throw new Deno.errors.IsADirectory(`Is a directory: open '${path}'`);
  }
  return { path, file };
}

/**
 * Truncates first and then appends, so that both outputs of a process can go into one file and
 * neither overwrites what the other wrote.
 */
async function openOutput(paths: HostPaths, name: string, direct: boolean): Promise<ProcessFile> {
  const path = paths.resolve(name);
  using made = await createLocalFile(paths, name, { write: true, create: true, truncate: true });
  if (direct && (await made.stat()).isFile) return { path };
  return { path, file: await Deno.open(path, { append: true }) };
}

/** Whether `spec` names any file. */
export function needsFiles({ stdin, stdout, stderr }: ProcessSpec): boolean {
  return [stdin, stdout, stderr].some((mode) => typeof mode === "object");
}
