import { abortable } from "./abortable.ts";
import { endProcesses } from "./end_processes.ts";
import type {
  CallOptions,
  FollowOptions,
  HostProcess,
  HostProcesses,
  OutputFeed,
  ProcessSpec,
  StartOptions,
} from "./host.ts";
import { type FollowOutput, LocalOutputFeed } from "./local_output_feed.ts";
import { LocalProcess, type LocalProcessOptions } from "./local_process.ts";
import { LocalTerminal } from "./local_terminal.ts";
import { OomKills } from "./oom_kills.ts";
import type { OpenResources } from "./open_resources.ts";
import type { Starter } from "./starter/starter.ts";
import { killStrays } from "./stray_processes.ts";
import { ProcessSpawner, type SpawnContext } from "./process_spawner.ts";

/** The processes of this machine. */
export class LocalProcesses implements HostProcesses {
  readonly #context: SpawnContext;
  readonly #resources: OpenResources;
  readonly #spawner: ProcessSpawner;
  /** Processes whose end has not been reported yet. */
  readonly #running = new Set<HostProcess>();
  readonly #oomKills = new OomKills();

  constructor(context: SpawnContext, resources: OpenResources) {
    this.#context = context;
    this.#resources = resources;
    this.#spawner = new ProcessSpawner(context, resources);
  }

  /** What they are started by, if it can be used here. */
  starter(): Promise<Starter | undefined> {
    return this.#spawner.starter();
  }

  start(spec: ProcessSpec, { signal, follow }: StartOptions = {}): Promise<HostProcess> {
    const followOutput = follow && localFeed(follow.feed).follow(follow.key);
    return abortable(
      signal,
      () => this.#resources.during(() => this.#start(spec, { signal, follow: followOutput })),
      (late) => late[Symbol.asyncDispose](),
    );
  }

  /** The numbers of those that were started and have not ended. */
  get running(): number[] {
    return [...this.#running].map(({ pid }) => pid);
  }

  follow(options?: FollowOptions): OutputFeed {
    return new LocalOutputFeed(options);
  }

  end({ signal }: CallOptions = {}): Promise<void> {
    const { marker } = this.#context;
    return endProcesses({ marker }, { isBusy: () => this.#running.size > 0, signal });
  }

  async kill({ signal }: CallOptions = {}): Promise<void> {
    signal?.throwIfAborted();
    await killStrays({ marker: this.#context.marker });
  }

  async #start(
    spec: ProcessSpec,
    { signal, follow }: { signal: AbortSignal | undefined; follow: FollowOutput | undefined },
  ): Promise<HostProcess> {
    const started = performance.now();
    if (spec.terminal) checkTerminalStreams(spec);
    using stack = new DisposableStack();
    const terminal = spec.terminal && stack.use(await LocalTerminal.open(spec.terminal));
    const { child, files } = await this.#spawner.spawn(spec, { signal, terminal: terminal?.path });
    stack.move();
    return this.#adopt({ child, spec, started, files, follow, terminal });
  }

  #adopt(started: Omit<LocalProcessOptions, "onSettled" | "oomKills">): HostProcess {
    const process: LocalProcess = new LocalProcess({
      ...started,
      oomKills: this.#oomKills,
      onSettled: () => this.#resources.delete(process),
    });
    this.#resources.add(process);
    this.#running.add(process);
    const ended = () => this.#running.delete(process);
    process.status.then(ended, ended);
    return process;
  }
}

function checkTerminalStreams({ command, stdin, stdout, stderr }: ProcessSpec): void {
  if (stdin === "piped" && stdout === "piped" && stderr === "null") return;
  throw new TypeError(
    `Cannot start "${command}" on a terminal: its stdin and stdout are to be "piped", and its ` +
      'stderr "null"',
  );
}

function localFeed(feed: OutputFeed): LocalOutputFeed {
  if (feed instanceof LocalOutputFeed) return feed;
  throw new TypeError("Cannot follow a process: the feed is not one of this host");
}
