import {
  type CommandPlace,
  commandToStart,
  DEFAULT_PATH,
  lookedUpError,
} from "./command_lookup.ts";
import type { OutputMode, ProcessSpec } from "./host.ts";
import type { HostPaths } from "./host_paths.ts";
import type { OpenResources } from "./open_resources.ts";
import {
  needsFiles,
  openProcessFiles,
  type ProcessFile,
  type ProcessFiles,
} from "./process_files.ts";
import { startError, startLabel } from "./starter/start_error.ts";
import { type StandardStream, Starter, type StartOrder } from "./starter/starter.ts";
import { type ProcessUser, USER_VARIABLES } from "./users/accounts.ts";
import type { ProcessUsers } from "./users/process_users.ts";

/** What processes of a host have in common. */
export interface SpawnContext {
  readonly paths: HostPaths;
  /** The environment of every process that does not clear it. */
  readonly env: Readonly<Record<string, string>>;
  /** In the environment of every process, even so: by it those that left their group are found. */
  readonly marker: Readonly<Record<string, string>>;
  /** Who a process may belong to instead. */
  readonly users: ProcessUsers;
}

/** A process that runs. */
export interface SpawnedProcess {
  readonly child: Deno.ChildProcess;
  /** Those that stand for its streams. */
  readonly files: ProcessFiles | undefined;
}

/** A program, where it is to run, and its environment. */
interface PlacedProgram extends CommandPlace {
  readonly env: Readonly<Record<string, string>>;
  /** Who it is to belong to, if that is another than who starts it. */
  readonly user: string | undefined;
}

/** Starts programs, each as the leader of a session of its own. */
export class ProcessSpawner {
  readonly #context: SpawnContext;
  readonly #resources: OpenResources;
  /** Opened for the first process. */
  #starter: Promise<Starter | undefined> | undefined;

  constructor(context: SpawnContext, resources: OpenResources) {
    this.#context = context;
    this.#resources = resources;
  }

  /**
   * Resolves once the program runs; rejects, saying why, when it cannot be started. `terminal` is the
   * path of one that the program gets.
   */
  async spawn(
    spec: ProcessSpec,
    { signal, terminal }: { signal?: AbortSignal | undefined; terminal?: string | undefined } = {},
  ): Promise<SpawnedProcess> {
    const { command, args, user: name } = spec;
    const user = name === undefined ? undefined : await this.#context.users.find(name, command);
    const place = this.#placeOf(spec, user);
    const starter = await this.starter();
    const started = starter && await this.#withFiles(spec, true, async (files) => {
      const { cwd, env } = place;
      const streams = terminal === undefined
        ? streamsOf(spec, files)
        : { terminal, stdin: "null", stdout: "null", stderr: "null" } as const;
      const order = { command, args, cwd, env, path: DEFAULT_PATH, user, ...streams };
      const started = await starter.start(order, signal);
      if (started && "failure" in started) throw startError(started.failure, place);
      return started?.child;
    });
    if (!started && user) throw withoutStarter(spec);
    if (!started && terminal !== undefined) {
      throw new Error(`Cannot start "${command}" on a terminal: that is possible on Linux`);
    }
    return started ?? (await this.#withFiles(spec, false, () => spawnPlainly(spec, place)))!;
  }

  /** The starter, if it can be used here. It is closed with the host. */
  starter(): Promise<Starter | undefined> {
    return this.#starter ??= this.#openStarter();
  }

  #placeOf(spec: ProcessSpec, user: ProcessUser | undefined): PlacedProgram {
    const { paths, env: base, marker } = this.#context;
    const own = user ? { ...without(base, USER_VARIABLES), ...user.env } : base;
    const env = { ...(spec.clearEnv ? {} : own), ...spec.env, ...marker };
    const cwd = spec.cwd === undefined ? paths.rootDir : paths.resolve(spec.cwd);
    return { command: spec.command, cwd, path: env.PATH ?? DEFAULT_PATH, env, user: spec.user };
  }

  /** Makes the files of a process and starts it; closes them if it does not come to that. */
  async #withFiles(
    spec: ProcessSpec,
    direct: boolean,
    start: (files: ProcessFiles | undefined) => Promise<Deno.ChildProcess | undefined>,
  ): Promise<SpawnedProcess | undefined> {
    const { paths } = this.#context;
    const files = needsFiles(spec) ? await openProcessFiles(paths, spec, { direct }) : undefined;
    using stack = new DisposableStack();
    if (files) stack.use(files);
    const child = await start(files);
    if (!child) return undefined;
    stack.move();
    return { child, files };
  }

  async #openStarter(): Promise<Starter | undefined> {
    const starter = await Starter.open(this.#context.paths.rootDir);
    if (starter) this.#resources.add(starter);
    return starter;
  }
}

function without(
  env: Readonly<Record<string, string>>,
  names: readonly string[],
): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !names.includes(name)));
}

function withoutStarter({ command, user }: ProcessSpec): Error {
  return new Deno.errors.NotSupported(
    `${startLabel(command, user)}: the program that changes users can be executed neither from ` +
      "memory nor from the node's rootDir",
  );
}

/** Without a starter, as on macOS. */
// deno-lint-ignore require-await -- what fails is to reject, not to throw
async function spawnPlainly(
  { args, stdin, stdout, stderr }: ProcessSpec,
  place: PlacedProgram,
): Promise<Deno.ChildProcess> {
  const { cwd, env } = place;
  try {
    return new Deno.Command(commandToStart(place, env.PATH !== undefined), {
      args: [...args],
      cwd,
      env,
      clearEnv: true,
      detached: true,
      stdin: pipeMode(stdin ?? "null"),
      stdout: pipeMode(stdout),
      stderr: pipeMode(stderr),
    }).spawn();
  } catch (error) {
    throw lookedUpError(error, place);
  }
}

/** What the starter is to do with the streams. */
function streamsOf(
  { stdin = "null", stdout, stderr }: ProcessSpec,
  files: ProcessFiles | undefined,
): Pick<StartOrder, "stdin" | "stdout" | "stderr"> {
  return {
    stdin: streamOf(stdin, files?.stdin),
    stdout: streamOf(stdout, files?.stdout),
    stderr: streamOf(stderr, files?.stderr),
  };
}

function streamOf(
  mode: OutputMode | ProcessSpec["stdin"],
  file: ProcessFile | undefined,
): StandardStream {
  return file && !file.file ? { file: file.path } : pipeMode(mode);
}

/** What `Deno.Command` is to do with a stream. */
function pipeMode(mode: OutputMode | ProcessSpec["stdin"]): "piped" | "null" {
  return mode === "null" ? "null" : "piped";
}
