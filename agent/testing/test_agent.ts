import { join } from "node:path";
import { obtainAgent } from "../build/obtain_agent.ts";
import type { LaunchDocument } from "../identity/enrolment_proof.ts";

/** How an agent is started. */
export interface TestAgentOptions {
  /** Written to its standard input; `undefined` where its arguments name a file. */
  readonly launch: LaunchDocument | undefined;
  /** A folder with sockets at which it calls, rather than listen. @default it listens */
  readonly sockets?: string | undefined;
  /** Further arguments. @default none */
  readonly args?: readonly string[] | undefined;
  /** Added to its environment. @default none */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** A command line that the agent's own follows. @default none */
  readonly wrapper?: readonly string[] | undefined;
}

/** Where an agent listens. */
interface Address {
  readonly hostname: string;
  readonly port: number;
}

/** The agent's program, run as a process of this host, with a folder of its own. */
export class TestAgent implements AsyncDisposable {
  readonly pid: number;
  readonly rootDir: string;
  /** How it has ended, once all that it has said is in its log. */
  readonly status: Promise<Deno.CommandStatus>;
  readonly #child: Deno.ChildProcess;
  readonly #dir: string;
  readonly #log: AgentLog;
  readonly #address: Address | undefined;

  private constructor(
    child: Deno.ChildProcess,
    { dir, log, address }: { dir: string; log: AgentLog; address: Address | undefined },
  ) {
    this.#child = child;
    this.#dir = dir;
    this.#log = log;
    this.pid = child.pid;
    this.rootDir = join(dir, "node");
    this.#address = address;
    this.status = log.ended.then(() => child.status);
  }

  /** Where it listens. */
  get address(): Address {
    if (!this.#address) throw new TypeError("This agent listens nowhere");
    return this.#address;
  }

  /** Starts an agent; resolves once it listens, or at once if it calls. */
  static async start(options: TestAgentOptions): Promise<TestAgent> {
    const dir = await Deno.makeTempDir({ prefix: "clustertest-agent-" });
    const child = await spawnAgent(["--root", join(dir, "node")], options);
    const log = collect(child.stderr);
    const writer = child.stdin.getWriter();
    await writer.write(new TextEncoder().encode(JSON.stringify(options.launch ?? null)));
    await writer.close();
    if (options.sockets !== undefined) {
      await child.stdout.cancel();
      return new TestAgent(child, { dir, log, address: undefined });
    }
    const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
    const { value } = await reader.read();
    await reader.cancel();
    if (value === undefined) throw new Error(`Cannot start the agent: ${await log.ended}`);
    return new TestAgent(child, { dir, log, address: JSON.parse(value).listening });
  }

  /** What it has said until now. */
  get log(): string {
    return this.#log.text;
  }

  /** Resolves once it has said something like this. */
  async says(pattern: RegExp): Promise<void> {
    await this.#log.has(pattern);
  }

  /** Reads its log no more, as when its runner is gone: the agent cannot write to it. */
  async closeLog(): Promise<void> {
    await this.#log.close();
  }

  kill(signal: Deno.Signal): void {
    this.#child.kill(signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It has ended already.
    }
    await this.#child.status;
    await this.#log.ended;
    await Deno.remove(this.#dir, { recursive: true });
  }
}

/** Starts the agent's program with any arguments. All of its streams are pipes. */
export async function spawnAgent(
  args: readonly string[],
  { args: more = [], env = {}, wrapper = [], sockets }: Omit<TestAgentOptions, "launch"> = {},
): Promise<Deno.ChildProcess> {
  const pack = await obtainAgent("native");
  const listen = sockets === undefined ? ["--listen", "127.0.0.1:0"] : ["--connect", sockets];
  const [command, ...rest] = [...wrapper, ...pack.command(pack.dir), ...listen, ...args, ...more];
  return new Deno.Command(command!, {
    args: rest,
    env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", ...pack.env, ...env },
    clearEnv: true,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

/** The log of an agent. */
interface AgentLog {
  readonly text: string;
  readonly ended: Promise<string>;
  /** Resolves once its text is like this; rejects when it ends before. */
  has(pattern: RegExp): Promise<void>;
  close(): Promise<void>;
}

function collect(stream: ReadableStream<Uint8Array<ArrayBuffer>>): AgentLog {
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  let grown = Promise.withResolvers<void>();
  const read = async () => {
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      text += part.value;
      grown.resolve();
      grown = Promise.withResolvers();
    }
    return text;
  };
  const ended = read();
  return {
    get text() {
      return text;
    },
    ended,
    has: async (pattern) => {
      const tooLate = ended.then(() => {
        throw new Error(`${pattern} is not in the log: ${text}`);
      });
      tooLate.catch(() => {});
      while (!pattern.test(text)) await Promise.race([grown.promise, tooLate]);
    },
    close: () => reader.cancel(),
  };
}
