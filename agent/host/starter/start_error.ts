import type { StartFailure } from "./start_failure.ts";
import { describeError, ErrorNumber, systemError } from "./system_error.ts";

/** What was to be started. */
export interface StartPlace {
  readonly command: string;
  /** Absolute. */
  readonly cwd: string;
  /** Folders in which the command was looked for. */
  readonly path: string;
  /** Who it was to belong to, if that is another than who starts it. */
  readonly user?: string | undefined;
}

/** What root may lack where its capabilities were taken away, by what cannot be done without. */
const CAPABILITIES: Readonly<Record<"groups" | "gid" | "uid", string>> = {
  groups: "SETGID",
  gid: "SETGID",
  uid: "SETUID",
};

/** How errors of a start begin. */
export function startLabel(command: string, user: string | undefined): string {
  return `Cannot start "${command}"${user === undefined ? "" : ` as "${user}"`}`;
}

/** The error for the caller whose process could not be started. */
export function startError({ step, error, path }: StartFailure, place: StartPlace): Error {
  const label = startLabel(place.command, place.user);
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
      return systemError(error, `${label}: its ${step}: ${describeError(error)}`);
    case "groups":
    case "gid":
    case "uid":
      return systemError(
        error,
        `${label}: its ${step}: ${describeError(error)}${lacking(error, step)}`,
      );
    default:
      return step satisfies never;
  }
}

function commandError(
  error: number,
  path: string | undefined,
  { command, cwd, path: folders, user }: StartPlace,
): Error {
  const label = startLabel(command, user);
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

function lacking(error: number, step: keyof typeof CAPABILITIES): string {
  if (error !== ErrorNumber.EPERM) return "";
  return `. The node's root lacks the capability ${CAPABILITIES[step]}`;
}

function folder(error: number): string {
  if (error === ErrorNumber.ENOENT) return "does not exist";
  if (error === ErrorNumber.ENOTDIR) return "is not a folder";
  return `cannot be entered: ${describeError(error)}`;
}
