import { describedError, messageOf } from "./described_error.ts";

/** Where commands are looked for when the environment has no PATH. */
export const DEFAULT_PATH: string = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** A command, as it is to be started. */
export interface CommandPlace {
  readonly command: string;
  /** Absolute. */
  readonly cwd: string;
  readonly path: string;
}

/**
 * What to start. Deno itself finds a command whose PATH has only absolute folders, and faster; it
 * would take others for relative to its own working directory, not to that of the process.
 */
export function commandToStart(place: CommandPlace, hasPath: boolean): string {
  const { command, path } = place;
  if (command.includes("/")) return command;
  if (hasPath && path.split(":").every((folder) => folder.startsWith("/"))) return command;
  return executableOf(place) ?? command;
}

/** The file that a command stands for; `undefined` if it cannot be one that can be started. */
export function executableOf(place: CommandPlace): string | undefined {
  return candidates(place).find((file) => executability(file) === "executable");
}

/** Says why a command could not be started, as precisely as can be found out afterwards. */
export function startError(error: unknown, place: CommandPlace): Error {
  const { command, cwd, path } = place;
  const label = `Cannot start "${command}"`;
  const folder = statOf(cwd);
  const its = `${label}: its working directory '${cwd}'`;
  if (!folder) return new Deno.errors.NotFound(`${its} does not exist`);
  if (!folder.isDirectory) return new Deno.errors.NotADirectory(`${its} is not a folder`);
  const found = candidates(place).map((file) => [file, executability(file)] as const);
  const executable = found.find(([, state]) => state === "executable");
  if (executable) return describedError(error, `${label}: ${failure(error, executable[0])}`);
  const obstacle = found.find(([, state]) => state !== "missing");
  if (obstacle) {
    return new Deno.errors.PermissionDenied(`${label}: '${obstacle[0]}' ${obstacle[1]}`);
  }
  return new Deno.errors.NotFound(
    command.includes("/")
      ? `${label}: there is no such file in '${cwd}'`
      : `${label}: no such command in PATH "${path}"`,
  );
}

function failure(error: unknown, file: string): string {
  if (error instanceof Deno.errors.NotFound) {
    return `'${file}' needs an interpreter or loader that does not exist`;
  }
  return messageOf(error).replace(/^Failed to spawn '.*?': /s, "");
}

/** The files that a command may stand for; an empty folder in PATH is the working directory. */
function candidates({ command, cwd, path }: CommandPlace): string[] {
  if (command === "") return [];
  if (command.includes("/")) return [inFolder(cwd, command)];
  return path.split(":").map((folder) => `${inFolder(cwd, folder || ".")}/${command}`);
}

function inFolder(folder: string, path: string): string {
  return path.startsWith("/") ? path : `${folder}/${path}`;
}

function executability(
  file: string,
): "executable" | "missing" | "is a folder" | "is not executable" {
  const info = statOf(file);
  if (!info) return "missing";
  if (info.isDirectory) return "is a folder";
  return (info.mode ?? 0) & 0o111 ? "executable" : "is not executable";
}

function statOf(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.statSync(path);
  } catch {
    return undefined;
  }
}
