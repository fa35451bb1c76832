import { withoutCredentials } from "../options/mod.ts";

/** What the names of the variables begin with that clustertest reads. */
const PREFIX = "CLUSTERTEST_";

/** Those that it sets itself, for what runs on nodes. */
const OF_NODES: ReadonlySet<string> = new Set(
  ["ADDRESS", "NODE", "RUN"].map((name) => PREFIX + name),
);

/** Characters of a value that are kept. */
const MAX_VALUE = 1_000;

/**
 * The variables of an environment that say how tests are to run, such as `CLUSTERTEST_BACKEND`, by their
 * names; without the names and passwords of URLs. None if they cannot be read.
 */
export function runSettings(
  readEnvironment: () => Readonly<Record<string, string>> = () => Deno.env.toObject(),
): Record<string, string> {
  let environment: Readonly<Record<string, string>>;
  try {
    environment = readEnvironment();
  } catch {
    return {}; // A record without them is better than none.
  }
  const entries = Object.entries(environment)
    .filter(([name, value]) => name.startsWith(PREFIX) && !OF_NODES.has(name) && value !== "")
    .map(([name, value]) => [name, withoutCredentials(value).slice(0, MAX_VALUE)] as const);
  return Object.fromEntries(entries.sort(([a], [b]) => a < b ? -1 : 1));
}
