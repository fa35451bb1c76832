/** What an engine says when it refuses something, or does not answer in time. */
export class EngineError extends Error {
  override readonly name = "EngineError";
  /** Status of the engine's answer; `undefined` when none came. */
  readonly status: number | undefined;
  /** What the engine said. */
  readonly reason: string;

  /** `what` completes "Cannot …". */
  constructor(
    what: string,
    options: { reason: string; status?: number | undefined; cause?: unknown },
  ) {
    super(`Cannot ${what}: ${options.reason}`, { cause: options.cause });
    this.reason = options.reason;
    this.status = options.status;
  }
}

/** Whether an engine refused something with one of these statuses. */
export function hasStatus(error: unknown, ...statuses: readonly number[]): error is EngineError {
  return error instanceof EngineError && error.status !== undefined &&
    statuses.includes(error.status);
}

/** Whether an engine refused a name that something else has: Docker by 409, Podman by 500. */
export function isNameTaken(error: unknown): boolean {
  return hasStatus(error, 409) ||
    hasStatus(error, 500) && /name is already in use/.test(error.reason);
}

/** Resolves to `undefined` when the engine does not know (404) what was asked for. */
export async function orMissing<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (hasStatus(error, 404)) return undefined;
    throw error;
  }
}
