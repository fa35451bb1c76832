import type { AgentPack } from "../../agent/build/agent_pack.ts";
import type { LaunchDocument } from "../../agent/client/fleet.ts";
import { namedProcesses } from "../../agent/host/named_processes.ts";
import { OomKills } from "../../agent/host/oom_kills.ts";
import { settledWithin } from "../../agent/settled_within.ts";
import { type LossReason, TextTail } from "../kit/mod.ts";
import type { NodePlace } from "../this_host/mod.ts";

/** What an agent of this host is started with. */
export interface LoopbackAgentOptions {
  readonly pack: AgentPack;
  readonly place: NodePlace;
  /** The folder with the sockets at which it calls; without one it listens. */
  readonly sockets?: string | undefined;
  readonly confine: boolean;
  /** Milliseconds. */
  readonly lease: number;
}

/** Milliseconds for which the end of a killed agent is waited for. */
const KILL_TIMEOUT = 5_000;

/** The line that an agent writes once it listens. */
interface Announcement {
  readonly listening: { readonly hostname: string; readonly port: number };
}

/** An agent that runs as a process of this host. */
export class LoopbackAgent implements AsyncDisposable {
  /** Resolves when it has ended. */
  readonly ended: Promise<LossReason>;
  readonly #child: Deno.ChildProcess;
  readonly #log: TextTail;
  #exitCode: number | undefined;

  private constructor(child: Deno.ChildProcess) {
    this.#child = child;
    this.#log = new TextTail(child.stderr);
    const kills = new OomKills();
    this.ended = child.status.then(async ({ code, signal }) => {
      this.#exitCode = code;
      const why = signal === "SIGKILL" && kills.claim()
        ? ", since the kernel ran out of memory"
        : "";
      const details = await this.#log.lines();
      return { summary: signal ? `its agent was ended by ${signal}${why}` : exited(code), details };
    });
  }

  /** Starts an agent, which waits for its launch document. */
  static start(options: LoopbackAgentOptions): LoopbackAgent {
    const { pack, place, sockets, confine, lease } = options;
    const [command, ...args] = pack.command(pack.dir);
    const child = new Deno.Command(command!, {
      args: [
        ...args,
        ...sockets === undefined ? ["--listen", "127.0.0.1:0"] : ["--connect", sockets],
        ...["--root", place.rootDir],
        ...["--address", place.address, "--lease", `${lease / 1000}`],
        ...(confine ? ["--confine"] : []),
      ],
      cwd: place.rootDir,
      env: { ...place.env, ...place.marker, ...pack.env },
      clearEnv: true,
      detached: true,
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    return new LoopbackAgent(child);
  }

  /** Hands it what it is launched with, by its standard input. */
  async launch(document: LaunchDocument): Promise<void> {
    // An agent that has ended reads nothing; its exit status says why it has ended.
    await write(this.#child.stdin, JSON.stringify(document)).catch(() => {});
  }

  /** The code with which it has exited, once it has. */
  get exitCode(): number | undefined {
    return this.#exitCode;
  }

  /** Its number. */
  get pid(): number {
    return this.#child.pid;
  }

  /** Where it listens; rejects when it ends before it does. */
  async address(): Promise<Announcement["listening"]> {
    const reader = this.#child.stdout.pipeThrough(new TextDecoderStream()).getReader();
    const { value } = await reader.read();
    await reader.cancel();
    if (value !== undefined) return (JSON.parse(value) as Announcement).listening;
    throw await this.failure();
  }

  /** Resolves when it has ended, to the error for callers that still need it. */
  async failure(): Promise<Error> {
    const { summary, details = [] } = await this.ended;
    return new Error(["Cannot start an agent: " + summary, ...details].join("\n  "));
  }

  /**
   * Ends the agent, unless it has ended; not what it has started. Rejects when it has not ended five
   * seconds after it was killed.
   */
  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It has ended already.
    }
    let hasEnded = false;
    await settledWithin(KILL_TIMEOUT, this.ended.then(() => hasEnded = true));
    if (!hasEnded) {
      throw new Error(`Cannot end the agent ${namedProcesses([this.pid])}: it goes on`);
    }
    await this.#child.stdout.cancel().catch(() => {});
    await this.#child.stdin.abort().catch(() => {});
  }
}

function exited(code: number): string {
  return `its agent exited with code ${code}`;
}

async function write(pipe: WritableStream<Uint8Array>, text: string): Promise<void> {
  const writer = pipe.getWriter();
  await writer.write(new TextEncoder().encode(text));
  await writer.close();
}
