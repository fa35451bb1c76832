import type { ProcessIdentity } from "../kit/mod.ts";

/** The version of the text: one of another version is not read. */
const VERSION = "2";

/** What a text has to look like to be read. */
const PATTERN = /^2\.([0-9a-f]{16})\.([0-9]+)\.([0-9]+)$/;

/**
 * A process as a text of at most 50 letters, digits and full stops: it fits into tags, and into labels
 * that take no more than 63 characters.
 */
export function formatIdentity({ namespace, pid, start }: ProcessIdentity): string {
  return [VERSION, namespace, pid, start].join(".");
}

/**
 * Reads such a text; `undefined` for any other. Earlier versions of this package wrote the host's name,
 * by which a process cannot be judged: theirs are others.
 */
export function parseIdentity(text: unknown): ProcessIdentity | undefined {
  const match = typeof text === "string" ? PATTERN.exec(text) : null;
  if (match === null) return undefined;
  const [, namespace, pid, start] = match;
  return { namespace: namespace!, pid: Number(pid), start: start! };
}
