import type { TerminalSize } from "../../agent/host/host.ts";
import { ShellFrames, type ShellReply, type ShellRequest } from "../../agent/shell/shell_frames.ts";
import { ShellError, type ShellNode } from "./find_node.ts";

/** What is to be opened. */
export interface ShellSessionOptions {
  /** @default bash, or else sh */
  readonly command?: readonly string[] | undefined;
  readonly size: TerminalSize;
  /** As in the variable `TERM`. */
  readonly term?: string | undefined;
  /** Takes what is shown. */
  readonly show: (bytes: Uint8Array) => void;
}

/** How a shell ended. */
export interface ShellOutcome {
  readonly code: number;
  /** Why, if that was not its own end. */
  readonly message?: string | undefined;
}

/** A shell on a node of a run that is alive. Disposing hangs it up. */
export class ShellSession implements Disposable {
  /** Resolves once it has ended. */
  readonly outcome: Promise<ShellOutcome>;
  readonly #frames: ShellFrames<ShellReply, ShellRequest>;

  private constructor(
    frames: ShellFrames<ShellReply, ShellRequest>,
    outcome: Promise<ShellOutcome>,
  ) {
    this.#frames = frames;
    this.outcome = outcome;
  }

  /** Resolves once it runs; throws a {@linkcode ShellError} that says why if it cannot be opened. */
  static async open(node: ShellNode, options: ShellSessionOptions): Promise<ShellSession> {
    const { command, size, term, show } = options;
    using stack = new DisposableStack();
    const connection = await connect(node);
    const frames = stack.use(new ShellFrames<ShellReply, ShellRequest>(connection));
    const opened = Promise.withResolvers<void>();
    const outcome = follow(frames, show, opened);
    outcome.catch(() => {});
    const { cluster, node: name } = node;
    await frames.send({ type: "open", cluster, node: name, command, size, term });
    await opened.promise;
    stack.move();
    return new ShellSession(frames, outcome);
  }

  /** Types something. */
  async type(bytes: Uint8Array): Promise<void> {
    await this.#frames.sendBytes(bytes).catch(() => {});
  }

  /** Tells the size of the terminal. */
  async resize(size: TerminalSize): Promise<void> {
    await this.#frames.send({ type: "resize", size }).catch(() => {});
  }

  [Symbol.dispose](): void {
    this.#frames[Symbol.dispose]();
  }
}

async function connect({ path, node }: ShellNode): Promise<Deno.Conn> {
  try {
    return await Deno.connect({ transport: "unix", path });
  } catch (cause) {
    throw new ShellError(`Cannot open a shell on ${node}: its run has ended`, { cause });
  }
}

/** Passes on what is shown, until the shell has ended. */
async function follow(
  frames: ShellFrames<ShellReply, ShellRequest>,
  show: (bytes: Uint8Array) => void,
  opened: PromiseWithResolvers<void>,
): Promise<ShellOutcome> {
  for await (const frame of frames) {
    if ("bytes" in frame) show(frame.bytes);
    else if (frame.message.type === "opened") opened.resolve();
    else if (frame.message.type === "ended") return frame.message;
    else if (frame.message.type === "refused") {
      opened.reject(new ShellError(frame.message.message));
      return { code: 1, message: frame.message.message };
    }
  }
  opened.reject(new ShellError("Cannot open a shell: its run has ended"));
  return { code: 1, message: "The run has ended" };
}
