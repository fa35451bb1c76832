import type { StartFailure } from "./start_failure.ts";
import { describeError, ErrorNumber, systemError } from "./system_error.ts";

/** What was to be started. */
export interface StartPlace {
  readonly command: string;
  /** Absolute. */
  readonly cwd: string;
  /** Folders in which the command was looked for. */
  readonly path: string;
}

/** The error for the caller whose process could not be started. */
export function startError({ step, error, path }: StartFailure, place: StartPlace): Error {
  const label = `Cannot start "${place.command}"`;
  switch (step) {
    case "command":
      return commandError(error, path, place);
    case "cwd":
      return systemError(error, `${label}: its working directory '${place.cwd}' ${folder(error)}`);
    case "stdin":
    case "stdout":
    case "stderr":
      // As `Deno.open()` has it.
      return systemError(error, `${describeError(error)}: open '${path}'`);
    case "terminal":
      return systemError(error, `${label}: its terminal '${path}': ${describeError(error)}`);
    case "report":
    case "session":
    case "groups":
    case "gid":
    case "uid":
      return systemError(error, `${label}: its ${step}: ${describeError(error)}`);
    default:
      return step satisfies never;
  }
}

function commandError(
  error: number,
  path: string | undefined,
  { command, cwd, path: folders }: StartPlace,
): Error {
  const label = `Cannot start "${command}"`;
  const { ENOENT, EACCES, EISDIR } = ErrorNumber;
  if (path === undefined) {
    const where = command.includes("/")
      ? `there is no such file in '${cwd}'`
      : `no such command in PATH "${folders}"`;
    return systemError(error, `${label}: ${where}`);
  }
  if (error === EISDIR) return systemError(EACCES, `${label}: '${path}' is a folder`);
  if (error === EACCES) return systemError(EACCES, `${label}: '${path}' is not executable`);
  const reason = error === ENOENT
    ? `'${path}' needs an interpreter or loader that does not exist`
    : describeError(error);
  return systemError(error, `${label}: ${reason}`);
}

function folder(error: number): string {
  if (error === ErrorNumber.ENOENT) return "does not exist";
  if (error === ErrorNumber.ENOTDIR) return "is not a folder";
  return `cannot be entered: ${describeError(error)}`;
}
