import { delay } from "../delay.ts";
import { messageOf } from "../host/described_error.ts";
import type { Host, HostProcess, ProcessSpec, TerminalSize } from "../host/host.ts";
import { settledWithin } from "../settled_within.ts";
import { unlessAborted } from "../unless_aborted.ts";
import type { ShellRequest } from "./shell_frames.ts";
import type { ServedNode } from "./served_node.ts";

/** Programs that are tried, in this order, where no command is asked for. */
const SHELLS = ["bash", "sh"];

/** What a name of a kind of terminal looks like. */
const TERM = /^[\w.+-]{1,64}$/;

/** The kind of a terminal whose client does not name it. */
const DEFAULT_TERM = "xterm";

/** Bytes that may be typed before the program takes any of them. */
const MAX_TYPED = 1024 * 1024;

/** Milliseconds that a shell has to end its jobs, and itself, when its client has left. */
const HANG_UP_TIMEOUT = 2_000;

/** Milliseconds for which the rest of its output is read when the shell has ended. */
const LINGER = 200;

/** Milliseconds within which it is known here that a shell has ended with its node. */
const REASON_TIMEOUT = 2_000;

/** How a shell ended. */
export interface ShellEnd {
  readonly code: number;
  /** Why, if it was not its own end. */
  readonly message?: string | undefined;
}

/** Starts what is asked for on a terminal of the node. */
export async function startShell(
  node: ServedNode,
  request: ShellRequest & { readonly type: "open" },
  signal: AbortSignal,
): Promise<RunningShell> {
  await using stack = new AsyncDisposableStack();
  const host = stack.use(await node.open(signal));
  const process = stack.use(await startFirst(host, specsOf(node, request), signal));
  return new RunningShell(process, stack.move());
}

/** A shell that runs for a client. */
export class RunningShell {
  readonly #process: HostProcess;
  readonly #stack: AsyncDisposableStack;
  readonly #keys: WritableStreamDefaultWriter<Uint8Array>;
  #typed = 0;
  #ending: Promise<void> | undefined;

  constructor(process: HostProcess, stack: AsyncDisposableStack) {
    this.#process = process;
    this.#stack = stack;
    this.#keys = process.stdin.getWriter();
    this.#keys.closed.catch(() => {});
  }

  /** Types something. Throws when the program takes nothing, and much was typed already. */
  type(bytes: Uint8Array): void {
    this.#typed += bytes.length;
    if (this.#typed > MAX_TYPED) throw new Error("Cannot type: the program takes nothing");
    const taken = () => void (this.#typed -= bytes.length);
    this.#keys.write(bytes).then(taken, taken);
  }

  /** Changes the size of the terminal. */
  async resize(size: TerminalSize): Promise<void> {
    await this.#process.resize(size);
  }

  /** Has `show` take what is shown, until the shell has ended or `signal` aborts; resolves to why. */
  async show(
    show: (bytes: Uint8Array) => Promise<void>,
    signal: AbortSignal,
  ): Promise<ShellEnd> {
    const reader = this.#process.stdout.getReader();
    const shown = (async () => {
      for (let read; !(read = await reader.read()).done;) await show(read.value);
    })().catch(() => {});
    return await unlessAborted(this.#ended(shown, signal), signal)
      .catch((reason) => ({ code: 1, message: messageOf(reason) }));
  }

  /** Ends what the shell runs, and gives back all that was for it. Idempotent. */
  hangUp(): Promise<void> {
    return this.#ending ??= this.#hangUp();
  }

  async #hangUp(): Promise<void> {
    // A shell hands it on to its jobs. An agent that is gone is not waited for.
    const hungUp = this.#process.kill("SIGHUP").then(() => this.#process.status);
    await settledWithin(HANG_UP_TIMEOUT, hungUp);
    this.#keys.abort().catch(() => {});
    await settledWithin(HANG_UP_TIMEOUT, this.#stack.disposeAsync());
  }

  async #ended(shown: Promise<void>, signal: AbortSignal): Promise<ShellEnd> {
    try {
      const { code, signal: killed } = await this.#process.status;
      await settledWithin(LINGER, shown);
      // It may have ended with its node, which aborts the signal a moment later.
      if (killed === "SIGKILL") await delay(REASON_TIMEOUT, signal).catch(() => {});
      return { code, message: killed === "SIGKILL" ? "It was killed by SIGKILL" : undefined };
    } catch (error) {
      await delay(REASON_TIMEOUT, signal).catch(() => {});
      return { code: 1, message: messageOf(error) };
    }
  }
}

function specsOf(
  { node, env }: ServedNode,
  { command, size, term }: ShellRequest & { readonly type: "open" },
): ProcessSpec[] {
  const commands = command && command.length > 0 ? [command] : SHELLS.map((shell) => [shell]);
  return commands.map(([program, ...args]) => ({
    command: `${program}`,
    args,
    env: { PS1: `${node} $ `, ...env, TERM: TERM.test(`${term}`) ? `${term}` : DEFAULT_TERM },
    ...{ stdin: "piped", stdout: "piped", stderr: "null" },
    terminal: size,
  }));
}

/** Starts the first of them that is there. */
async function startFirst(
  host: Host,
  [spec, ...others]: readonly ProcessSpec[],
  signal: AbortSignal,
): Promise<HostProcess> {
  try {
    return await host.processes.start(spec!, { signal });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound) || others.length === 0) throw error;
    return await startFirst(host, others, signal).catch((cause) => {
      if (!(cause instanceof Deno.errors.NotFound)) throw cause;
      throw new Deno.errors.NotFound(
        "Cannot open a shell: there is neither bash nor sh; name a command that is there, behind --",
        { cause },
      );
    });
  }
}
