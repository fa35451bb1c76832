/**
 * `deno task sweep`: removes what dead runs left behind. Without a checkout it is
 * `deno run --allow-all jsr:@clustertest/clustertest/sweep`.
 *
 * @module
 */
import { parseArgs } from "node:util";
import type { SweepOptions, SweepReport, SweptResource } from "../clusters/kit/mod.ts";
import { backendNames, resolveBackend } from "../clusters/backends.ts";
import { BackendUnusableError } from "../clusters/errors.ts";
import { print } from "./run_task.ts";
import { findSweepTargets, type SweepTarget } from "./sweep_targets.ts";
import { writeText } from "./write_text.ts";

const HELP = `Removes what dead runs left behind: processes, folders, containers, networks, volumes.

Usage: deno task sweep [options]
       deno run --allow-all jsr:@clustertest/clustertest/sweep [options]

  --backend NAME  ${backendNames.join(", ")}; or the path of a module;
                  may be repeated (default: all that can be used here)
  --dry-run       Only list what would be removed
  --caches        Remove caches too, such as the volume with the agent on a Docker engine
  --run ID        Only what this run left. It is taken to be over, wherever it ran
  --region NAME   Where to look on EC2: always in one region (default: as AWS_REGION or the profile)
  --help          Show this

Only what a run has made is looked at, and only what is dead is removed: it has ended by itself,
or the process that made it is gone, or it is older than it may become. Backends are configured by
the environment, as for CLUSTERTEST_BACKEND, and then once more as runs of this user made them. What
cannot be looked at, such as an engine that is gone, is named, and fails only if you asked for it.

Exit codes: 0 all of it is gone, 1 something could not be removed, 2 wrong usage.
`;

const options = {
  backend: { type: "string", multiple: true },
  "dry-run": { type: "boolean", default: false },
  caches: { type: "boolean", default: false },
  run: { type: "string" },
  region: { type: "string" },
  help: { type: "boolean", default: false },
} as const;

/** What was asked for. */
interface SweepArguments extends SweepOptions {
  /** Names of backends; none when all are meant. */
  readonly backends: readonly string[];
  /** The region of EC2 to look at, in place of the environment's. */
  readonly region: string | undefined;
}

/** Reads the command line; throws an error of one line that says what is wrong with it. */
function parseCommandLine(args: string[]): SweepArguments | "help" {
  const { values } = parseArgs({ args, options });
  if (values.help) return "help";
  const { backend = [], run, region, caches, "dry-run": dryRun } = values;
  if (run === "") throw new TypeError("--run needs the id of a run");
  if (region === "") throw new TypeError("--region needs the name of a region");
  if (run !== undefined && caches) throw new TypeError("--caches belong to no run: omit --run");
  for (const name of backend) resolveBackend(name, "--backend");
  return { backends: [...new Set(backend)], dryRun, caches, run, region };
}

/** What became of a sweep. */
interface Tally {
  found: number;
  failed: number;
  /** Why places could not be looked at that the command line does not name; each once. */
  readonly skipped: Set<string>;
  /** The remedies for that; each once. */
  readonly remedies: Set<string>;
  /** The regions of EC2 that were looked at. */
  readonly regions: Set<string>;
}

/** Sweeps one backend after the other, and tells of each left-over once. */
async function sweepAll({ backends, region, ...options }: SweepArguments): Promise<Tally> {
  const tally: Tally = {
    ...{ found: 0, failed: 0 },
    ...{ skipped: new Set(), remedies: new Set(), regions: new Set() },
  };
  const { run } = options;
  const { targets, complaints } = await findSweepTargets({ backends, region, run });
  for (const complaint of complaints) skip(complaint, tally);
  // Backends that share this host find the same.
  const reported = new Set<string>();
  for (const target of targets) {
    const { found, region } = await sweepOne(target, options).catch((error: Error) => {
      takeFailure(error, { target, tally });
      return { found: [] } as SweepReport;
    });
    if (region !== undefined) tally.regions.add(region);
    for (const resource of found) {
      const line = describe(resource, region);
      if (reported.has(line)) continue;
      reported.add(line);
      print(`${line}\n`);
      tally.found++;
      if (typeof resource.outcome === "object") tally.failed++;
    }
  }
  for (const remedy of tally.remedies) complain(remedy);
  return tally;
}

/** A backend that the command line does not name may be one that cannot be used here. */
function takeFailure(
  error: Error,
  { target, tally }: { target: SweepTarget; tally: Tally },
): void {
  if (target.isOptional && error instanceof BackendUnusableError) {
    const { message, remedy, backend } = error;
    const state = message.endsWith(remedy) ? message.slice(0, -remedy.length) : message;
    skip(`Not swept: ${state.trimEnd().replace(/\.$/, "")}`, tally);
    tally.remedies.add(`To sweep "${backend}", too: ${remedy}`);
  } else {
    complain(error.message);
    tally.failed++;
  }
}

/** Tells once that, and why, something is not looked at. */
function skip(why: string, { skipped }: Tally): void {
  if (!skipped.has(why)) complain(why);
  skipped.add(why);
}

async function sweepOne(target: SweepTarget, options: SweepOptions): Promise<SweepReport> {
  const backend = await target.make();
  return await backend.sweep(options);
}

/** One line for a left-over. */
function describe({ kind, id, reason, outcome }: SweptResource, region?: string): string {
  const state = typeof outcome === "object" ? `cannot be removed: ${outcome.failed}` : outcome;
  const where = region === undefined ? "" : ` in ${region}`;
  return oneLine(`${kind} ${id}${where} (${reason}): ${state}`);
}

/** Runs the task; resolves to its exit code. */
export async function main(args: string[]): Promise<number> {
  let asked: SweepArguments | "help";
  try {
    asked = parseCommandLine(args);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    complain(`${error.message}; --help lists what there is`);
    return 2;
  }
  if (asked === "help") return print(HELP);
  if (asked.region !== undefined) Deno.env.set("AWS_REGION", asked.region);
  const tally = await sweepAll(asked);
  if (tally.found === 0 && tally.failed === 0) print(`${nothingFound(tally)}\n`);
  return tally.failed === 0 ? 0 : 1;
}

/** The last line: only if all places could be looked at is it known that nothing was left behind. */
function nothingFound({ regions, skipped }: Tally): string {
  const names = [...regions].join(", ");
  const where = names === "" ? "" : ` (on EC2, ${names} alone was looked at)`;
  if (skipped.size === 0) return `Nothing was left behind${where}`;
  const places = `${skipped.size} place${skipped.size === 1 ? "" : "s"}`;
  return `Nothing was found${where}; ${places} could not be looked at, as said above`;
}

function complain(text: string): void {
  writeText(Deno.stderr, `${oneLine(text)}\n`);
}

/** Some messages are lists. */
function oneLine(text: string): string {
  return text.replaceAll(/\s*\n\s*(- )?/g, " ");
}

if (import.meta.main) Deno.exitCode = await main(Deno.args);
