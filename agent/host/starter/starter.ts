import { attempt } from "../attempt.ts";
import { childStatus } from "../child_status.ts";
import { type Libc, openLibc } from "./libc.ts";
import { readStartFailure, type StartFailure } from "./start_failure.ts";
import { StartReport } from "./start_report.ts";
import { openStarterFile, type StarterFile } from "./starter_file.ts";

/** What to start, and as what. Whatever is left out stays as it is in this process. */
export interface StartOrder {
  /** A name that is looked for in PATH, or a path; the process takes it for its own name. */
  readonly command: string;
  readonly args: readonly string[];
  /** Absolute. */
  readonly cwd: string;
  /** All of the environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Where commands are looked for when the environment has no PATH. */
  readonly path?: string | undefined;
  /** Path of a terminal that becomes the controlling one, and all three standard streams. */
  readonly terminal?: string | undefined;
  /** Each is a pipe, nothing, or the absolute path of a file: outputs are appended to it. */
  readonly stdin: StandardStream;
  readonly stdout: StandardStream;
  readonly stderr: StandardStream;
  /** Numbers of the user, the group, and the supplementary groups, which only root can change. */
  readonly user?: StartUser | undefined;
}

/** What a standard stream of a process is. */
export type StandardStream = "piped" | "null" | { readonly file: string };

/** Who a process belongs to, by numbers. */
export interface StartUser {
  readonly uid: number;
  readonly gid: number;
  /** Supplementary groups. */
  readonly groups: readonly number[];
}

/** What became of a start. */
export type Started =
  | { readonly child: Deno.ChildProcess }
  | { readonly failure: StartFailure };

/** An order of `prctl()`: `PR_SET_PTRACER`. */
const SET_TRACER = 0x59616d61;

/** Milliseconds of the longest timer. */
const LONGEST_INTERVAL = 2 ** 31 - 1;

/**
 * Starts processes on Linux as leaders of sessions of their own, by the program in `starter.c`.
 *
 * `Deno.Command` can make a leader, too, but then by `fork()`, which copies the page tables of this
 * process, and not by `posix_spawn()`: five times the cost of all the rest of a start in an agent.
 * And the starter does what blocks, such as to enter a folder of a dead file server, in the child.
 */
export class Starter implements AsyncDisposable {
  readonly #libc: Libc;
  readonly #file: StarterFile;
  /** Where the open files of this process are, for others. */
  readonly #descriptors: string;

  private constructor(libc: Libc, file: StarterFile, descriptors: string) {
    this.#libc = libc;
    this.#file = file;
    this.#descriptors = descriptors;
  }

  /** Resolves to `undefined` where it cannot be used. `folder` is one that might be written to. */
  static async open(folder: string): Promise<Starter | undefined> {
    if (Deno.build.os !== "linux") return undefined;
    const libc = openLibc();
    if (!libc) return undefined;
    const descriptors = ownDescriptors();
    const file = descriptors && await openStarterFile(libc, folder);
    if (file) return new Starter(libc, file, descriptors);
    libc.close();
    return undefined;
  }

  /**
   * Starts a process. Resolves once its program runs, or when that cannot be, with the reason;
   * to `undefined` if not even the starter can, which `Deno.Command` may find the reason of. An abort
   * of `signal` kills a starter that has not got through yet.
   */
  async start(order: StartOrder, signal?: AbortSignal): Promise<Started | undefined> {
    using report = StartReport.open(this.#libc, this.#descriptors);
    const streams = {
      stdin: pipeMode(order.stdin),
      stdout: pipeMode(order.stdout),
      stderr: pipeMode(order.stderr),
    };
    const args = ["start", `report=${report.path}`, ...options(order), "--", order.command];
    const child = attempt(() =>
      new Deno.Command(this.#file.path, {
        args: [...args, ...order.args],
        env: order.env,
        clearEnv: true,
        ...streams,
      }).spawn()
    );
    if (!child) return undefined;
    outliveErrors(child);
    const bytes = await report.read(child, signal);
    const failure = bytes && readStartFailure(bytes);
    if (bytes && !failure) return { child };
    await discard(child, streams);
    return failure && { failure };
  }

  /**
   * Leaves a watch over this process behind, as `watch.c` says, which is told what to do through the
   * result. Its errors go where those of this process do.
   */
  async watch(args: readonly string[]): Promise<WritableStream<Uint8Array>> {
    const streams = { stdin: "piped", stdout: "piped", stderr: "inherit" } as const;
    const options = { args: ["watch", `agent=${Deno.pid}`, ...args], ...streams };
    const child = new Deno.Command(this.#file.path, { ...options, clearEnv: true }).spawn();
    const [output, { code }] = await Promise.all([allOf(child.stdout), child.status]);
    if (code !== 0) {
      await child.stdin.abort();
      throw new Error(`Cannot watch this process: the starter exited with code ${code}`);
    }
    if (Deno.pid === 1) this.#allowTracing(BigInt(output));
    return child.stdin;
  }

  /** Nothing can be started any more. */
  // deno-lint-ignore require-await -- the contract is that of resources that take time to close
  async [Symbol.asyncDispose](): Promise<void> {
    this.#file[Symbol.dispose]();
    this.#libc.close();
  }

  /** Where Yama is, a process may trace only its descendants, unless they let it. */
  #allowTracing(pid: bigint): void {
    this.#libc.symbols.prctl(SET_TRACER, pid, 0n, 0n, 0n);
  }
}

/** All of a short text. Not by a `Response`, for which an agent would load all that `fetch` is made of. */
async function allOf(stream: ReadableStream<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of stream) text += decoder.decode(chunk, { stream: true });
  return text + decoder.decode();
}

/** Its number in `/proc` is another than its own where that is of another namespace. */
function ownDescriptors(): string | undefined {
  try {
    return `/proc/${Deno.readLinkSync("/proc/self")}/fd`;
  } catch {
    return undefined;
  }
}

function options(order: StartOrder): string[] {
  const { cwd, path, terminal, stdin, stdout, stderr, user } = order;
  const all = {
    cwd,
    path,
    terminal,
    stdin: fileOf(stdin),
    stdout: fileOf(stdout),
    stderr: fileOf(stderr),
    groups: user?.groups.join(),
    gid: user?.gid,
    uid: user?.uid,
  };
  return Object.entries(all).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${value}`]
  );
}

/** What `Deno.Command` is to do with a stream. */
function pipeMode(stream: StandardStream): "piped" | "null" {
  return stream === "piped" ? "piped" : "null";
}

function fileOf(stream: StandardStream): string | undefined {
  return typeof stream === "object" ? stream.file : undefined;
}

/**
 * When this process ends by an error, Deno kills those that it waits for, unless they were spawned
 * detached. Then the processes that they had started would be orphans. So a timer waits in its place.
 */
function outliveErrors(child: Deno.ChildProcess): void {
  child.unref();
  const waiting = setInterval(() => {}, LONGEST_INTERVAL);
  const ended = () => {
    // Somebody may still read what it has written.
    child.ref();
    clearInterval(waiting);
  };
  child.status.then(ended, ended);
}

/** Closes what there is of a process that never began. */
async function discard(
  child: Deno.ChildProcess,
  { stdin, stdout, stderr }: Record<"stdin" | "stdout" | "stderr", "piped" | "null">,
): Promise<void> {
  await Promise.all([
    childStatus(child),
    stdin === "piped" ? child.stdin.abort() : undefined,
    stdout === "piped" ? child.stdout.cancel() : undefined,
    stderr === "piped" ? child.stderr.cancel() : undefined,
  ]);
}
