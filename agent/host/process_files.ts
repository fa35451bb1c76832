import type { OutputMode, ProcessSpec } from "./host.ts";
import type { HostPaths } from "./host_paths.ts";
import { createLocalFile } from "./open_local_file.ts";

/** An open file that stands for one of a process's streams. */
export interface ProcessFile {
  readonly path: string;
  readonly file: Deno.FsFile;
}

/** The files that a process reads and writes instead of having pipes to its host's user. */
export interface ProcessFiles extends Disposable {
  readonly stdin?: ProcessFile | undefined;
  readonly stdout?: ProcessFile | undefined;
  readonly stderr?: ProcessFile | undefined;
}

/** Opens the files of `spec` before anything is started. Disposing closes them. */
export async function openProcessFiles(
  paths: HostPaths,
  { stdin, stdout, stderr }: ProcessSpec,
): Promise<ProcessFiles> {
  using stack = new DisposableStack();
  const input = typeof stdin === "object"
    ? stack.use(await openInput(paths, stdin.file))
    : undefined;
  const outputs: (ReturnType<typeof opened> | undefined)[] = [];
  for (const mode of [stdout, stderr]) {
    const path = outputPath(mode);
    outputs.push(path === undefined ? undefined : stack.use(await openOutput(paths, path)));
  }
  const owned = stack.move();
  return {
    stdin: input,
    stdout: outputs[0],
    stderr: outputs[1],
    [Symbol.dispose]: () => owned.dispose(),
  };
}

/** Whether `spec` names any file. */
export function needsFiles({ stdin, stdout, stderr }: ProcessSpec): boolean {
  return [stdin, stdout, stderr].some((mode) => typeof mode === "object");
}

function outputPath(mode: OutputMode | undefined): string | undefined {
  return typeof mode === "object" ? mode.file : undefined;
}

async function openInput(paths: HostPaths, name: string): Promise<ProcessFile & Disposable> {
  const path = paths.resolve(name);
  const file = await Deno.open(path);
  if ((await file.stat()).isDirectory) {
    file.close();
    throw new Deno.errors.IsADirectory(`Is a directory: open '${path}'`);
  }
  return opened(path, file);
}

/**
 * Truncates first and then appends, so that both outputs of a process can go into one file and
 * neither overwrites what the other wrote.
 */
async function openOutput(paths: HostPaths, name: string): Promise<ProcessFile & Disposable> {
  (await createLocalFile(paths, name, { write: true, create: true, truncate: true })).close();
  const path = paths.resolve(name);
  return opened(path, await Deno.open(path, { append: true }));
}

function opened(path: string, file: Deno.FsFile): ProcessFile & Disposable {
  return { path, file, [Symbol.dispose]: () => file.close() };
}
