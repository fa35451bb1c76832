import { attempt } from "./attempt.ts";
import { describedError, messageOf } from "./described_error.ts";
import { startError } from "./starter/start_error.ts";
import { ErrorNumber } from "./starter/system_error.ts";

/** Where commands are looked for when the environment has no PATH. */
export const DEFAULT_PATH: string = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** A command, and where it is looked for. */
export interface CommandPlace {
  readonly command: string;
  /** Absolute. */
  readonly cwd: string;
  /** Folders in which it is looked for. */
  readonly path: string;
}

/**
 * The program to start. If PATH has only absolute folders, Deno finds the command itself, and faster.
 * Relative ones it would resolve against its own working directory instead of that of the process.
 */
export function commandToStart(place: CommandPlace, hasPath: boolean): string {
  const { command, path } = place;
  if (command.includes("/")) return command;
  if (hasPath && path.split(":").every((folder) => folder.startsWith("/"))) return command;
  return executableOf(place) ?? command;
}

/** The file that a command stands for; `undefined` if there is none that can be started. */
function executableOf(place: CommandPlace): string | undefined {
  return candidates(place).find((file) => executability(file) === undefined);
}

/** Says why `Deno.Command` could not start a command, as precisely as can be found out afterwards. */
export function lookedUpError(error: unknown, place: CommandPlace): Error {
  const { command, cwd } = place;
  const folder = attempt(() => Deno.statSync(cwd));
  if (!folder) return startError({ step: "cwd", error: ErrorNumber.ENOENT }, place);
  if (!folder.isDirectory) return startError({ step: "cwd", error: ErrorNumber.ENOTDIR }, place);
  const found = candidates(place).map((path) => ({ path, error: executability(path) }));
  const executable = found.find(({ error }) => error === undefined);
  if (executable && !(error instanceof Deno.errors.NotFound)) {
    const reason = messageOf(error).replace(/^Failed to spawn '.*?': /s, "");
    return describedError(error, `Cannot start "${command}": ${reason}`);
  }
  const obstacle = executable ?? found.find(({ error }) => error !== ErrorNumber.ENOENT);
  const { path, error: number = ErrorNumber.ENOENT } = obstacle ?? {};
  return startError({ step: "command", error: number, path }, place);
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

/** The error of an attempt to execute a file; `undefined` if there might be none. */
function executability(file: string): number | undefined {
  const info = attempt(() => Deno.statSync(file));
  if (!info) return ErrorNumber.ENOENT;
  if (info.isDirectory) return ErrorNumber.EISDIR;
  return (info.mode ?? 0) & 0o111 ? undefined : ErrorNumber.EACCES;
}
