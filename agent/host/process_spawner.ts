import { childStatus } from "./child_status.ts";
import {
  type CommandPlace,
  commandToStart,
  DEFAULT_PATH,
  executableOf,
  startError,
} from "./command_lookup.ts";
import type { OutputMode, ProcessSpec } from "./host.ts";
import type { HostPaths } from "./host_paths.ts";
import type { OpenResources } from "./open_resources.ts";
import { SessionLeader } from "./session_leader.ts";

/** What processes of a host have in common. */
export interface ProcessContext {
  readonly paths: HostPaths;
  /** The environment of every process that does not clear it. */
  readonly env: Readonly<Record<string, string>>;
  /** In the environment of every process, even so: by it those that left their group are found. */
  readonly marker: Readonly<Record<string, string>>;
}

/** Starts programs, each as the leader of a group of its own. */
export class ProcessSpawner {
  readonly #context: ProcessContext;
  readonly #resources: OpenResources;
  /** Opened for the first process. */
  #leader: Promise<SessionLeader | undefined> | undefined;

  constructor(context: ProcessContext, resources: OpenResources) {
    this.#context = context;
    this.#resources = resources;
  }

  /** Resolves once the program runs; rejects, saying why, when it cannot be started. */
  async spawn(spec: ProcessSpec): Promise<Deno.ChildProcess> {
    const { paths, env: base, marker } = this.#context;
    const env = { ...(spec.clearEnv ? {} : base), ...spec.env, ...marker };
    const path = env.PATH ?? DEFAULT_PATH;
    const cwd = spec.cwd === undefined ? paths.rootDir : paths.resolve(spec.cwd);
    const place = { command: spec.command, cwd, path };
    const options: Deno.CommandOptions = {
      cwd,
      env,
      clearEnv: true,
      stdin: pipeMode(spec.stdin ?? "null"),
      stdout: pipeMode(spec.stdout),
      stderr: pipeMode(spec.stderr),
    };
    const begun = await this.#spawnByLeader(spec, place, options);
    if (begun) return begun;
    try {
      const command = commandToStart(place, env.PATH !== undefined);
      const detached = { ...options, args: [...spec.args], detached: true };
      return new Deno.Command(command, detached).spawn();
    } catch (error) {
      throw startError(error, place);
    }
  }

  /** Resolves to `undefined` when that fails, for which `Deno.Command` finds the reason. */
  async #spawnByLeader(
    { command: name, args }: ProcessSpec,
    place: CommandPlace,
    options: Deno.CommandOptions,
  ): Promise<Deno.ChildProcess | undefined> {
    const leader = await (this.#leader ??= this.#openLeader());
    const path = executableOf(place);
    if (!leader || path === undefined) return undefined;
    const child = attempt(() => leader.spawn({ path, name, args }, options));
    if (!child || await leader.began(child)) return child;
    child.kill("SIGKILL");
    await discard(child, options);
    return undefined;
  }

  async #openLeader(): Promise<SessionLeader | undefined> {
    const leader = await SessionLeader.open(this.#context.paths.rootDir);
    if (leader) this.#resources.add(leader);
    return leader;
  }
}

/** What `Deno.Command` is to do with an output, or with the input. */
function pipeMode(mode: OutputMode | ProcessSpec["stdin"]): "piped" | "null" {
  return mode === "null" ? "null" : "piped";
}

function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}

/** Closes what there is of a process that never began. */
async function discard(
  child: Deno.ChildProcess,
  { stdin, stdout, stderr }: Deno.CommandOptions,
): Promise<void> {
  await Promise.all([
    childStatus(child),
    stdin === "piped" ? child.stdin.abort() : undefined,
    stdout === "piped" ? child.stdout.cancel() : undefined,
    stderr === "piped" ? child.stderr.cancel() : undefined,
  ]);
}
