import { messageOf } from "../host/described_error.ts";
import type { Host } from "../host/host.ts";
import { shellRequestShape } from "./shell_request.ts";
import { ShellFrames, type ShellReply, type ShellRequest } from "./shell_frames.ts";
import type { OfferedNode } from "./shell_frames.ts";
import { type RunningShell, startShell } from "./running_shell.ts";

/** Connections at a time. */
const MAX_CONNECTIONS = 64;

/** Milliseconds after which accepting is tried again when it failed, as for want of file descriptors. */
const ACCEPT_PAUSE = 100;

/** A node whose shells are served. */
export interface ServedNode extends OfferedNode {
  /** The variables that its author has given it. */
  readonly env: Readonly<Record<string, string>>;
  /** Reaches it. What it resolves to is disposed of with the shell that it is for. */
  readonly open: (signal: AbortSignal) => Promise<Host>;
}

/** A connection, and what runs for it. */
interface Visit {
  readonly frames: ShellFrames<unknown, ShellReply>;
  /** Aborts when its node is gone, or the connection. */
  readonly over: AbortController;
  node?: ServedNode | undefined;
}

/**
 * Serves terminals on nodes at a Unix socket, which only this user can reach: its folder says so. What
 * a shell has started ends with it; the shells of a node that is withdrawn end with the reason.
 */
export class ShellServer implements Disposable, AsyncDisposable {
  readonly #path: string;
  readonly #nodes = new Map<string, ServedNode>();
  readonly #visits = new Set<Visit>();
  readonly #serving = new Set<Promise<void>>();
  #listener: Deno.UnixListener | undefined;

  /** `path` is that of the socket: its folder is made with the first node. */
  constructor(path: string) {
    this.#path = path;
  }

  /** Offers a node from now on. Throws if the socket cannot be made. */
  offer(node: ServedNode): void {
    this.#listener ??= this.#listen();
    this.#nodes.set(keyOf(node), node);
  }

  /** Ends the shells of a node, which cannot be reached any more. */
  withdraw(withdrawn: { cluster: string; node: string }, reason: string): void {
    const key = keyOf(withdrawn);
    this.#nodes.delete(key);
    for (const { node, over } of this.#visits) {
      if (node && keyOf(node) === key) over.abort(new Error(`${node.node} ${reason}`));
    }
  }

  /** As by `Symbol.dispose`, and waits until all shells have ended, or after a few seconds. */
  async [Symbol.asyncDispose](): Promise<void> {
    this[Symbol.dispose]();
    await Promise.all(this.#serving);
  }

  /** Ends all shells, and removes the socket. */
  [Symbol.dispose](): void {
    this.#listener?.close();
    this.#listener = undefined;
    for (const { over, node, frames } of this.#visits) {
      over.abort(new Error("The run has ended"));
      // One with a shell is told first.
      if (!node) frames[Symbol.dispose]();
    }
    removeQuietly(this.#path);
  }

  #listen(): Deno.UnixListener {
    const folder = this.#path.slice(0, this.#path.lastIndexOf("/"));
    try {
      Deno.mkdirSync(folder, { mode: 0o700 });
    } catch (error) {
      if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
    }
    // Whatever it was made with: who gets in there can do on nodes what this user can.
    Deno.chmodSync(folder, 0o700);
    // One before this in the same place was killed.
    removeQuietly(this.#path);
    const listener = Deno.listen({ transport: "unix", path: this.#path });
    this.#accept(listener);
    return listener;
  }

  async #accept(listener: Deno.UnixListener): Promise<void> {
    while (this.#listener === undefined || this.#listener === listener) {
      try {
        const connection = await listener.accept();
        if (this.#visits.size >= MAX_CONNECTIONS) connection.close();
        else this.#begin(connection);
      } catch (error) {
        if (error instanceof Deno.errors.BadResource) return;
        await new Promise((resolve) => setTimeout(resolve, ACCEPT_PAUSE));
      }
    }
  }

  #begin(connection: Deno.Conn): void {
    const serving = this.#serve(connection);
    this.#serving.add(serving);
    serving.finally(() => this.#serving.delete(serving));
  }

  async #serve(connection: Deno.Conn): Promise<void> {
    using frames = new ShellFrames<unknown, ShellReply>(connection);
    const visit: Visit = { frames, over: new AbortController() };
    this.#visits.add(visit);
    try {
      await this.#answer(visit);
    } catch (error) {
      // Whoever it is has left, or sends what is none of this.
      await frames.send({ type: "refused", message: messageOf(error) }).catch(() => {});
    } finally {
      visit.over.abort(new Error("The connection has ended"));
      this.#visits.delete(visit);
    }
  }

  async #answer(visit: Visit): Promise<void> {
    let shell: RunningShell | undefined;
    try {
      for await (const frame of visit.frames) {
        if ("bytes" in frame) {
          shell?.type(frame.bytes);
          continue;
        }
        const message = shellRequestShape(frame.message, "the request");
        if (message.type === "list") {
          await visit.frames.send({ type: "nodes", nodes: [...this.#nodes.values()].map(offered) });
        } else if (message.type === "open" && !shell) shell = await this.#open(visit, message);
        else if (message.type === "resize") await shell?.resize(message.size).catch(() => {});
        else throw new TypeError(`Cannot serve a request of this kind`);
      }
    } catch (error) {
      if (!shell) throw error;
      visit.over.abort(error);
    } finally {
      await shell?.hangUp();
    }
  }

  async #open(
    visit: Visit,
    request: ShellRequest & { readonly type: "open" },
  ): Promise<RunningShell> {
    const node = this.#nodes.get(keyOf(request));
    if (!node) throw new Deno.errors.NotFound(`There is no node "${request.node}" any more`);
    visit.node = node;
    const shell = await startShell(node, request, visit.over.signal);
    await visit.frames.send({ type: "opened" });
    this.#show(visit, shell);
    return shell;
  }

  /** Sends what is shown, and then how it ended, and ends the connection. */
  async #show({ frames, over }: Visit, shell: RunningShell): Promise<void> {
    try {
      const ended = await shell.show((bytes) => frames.sendBytes(bytes), over.signal);
      await frames.send({ type: "ended", ...ended });
    } catch {
      // Nobody looks any more.
    } finally {
      frames[Symbol.dispose]();
      await shell.hangUp();
    }
  }
}

function offered({ cluster, backend, node }: ServedNode): OfferedNode {
  return { cluster, backend, node };
}

function keyOf({ cluster, node }: { cluster: string; node: string }): string {
  return `${cluster}/${node}`;
}

function removeQuietly(path: string): void {
  try {
    Deno.removeSync(path);
  } catch {
    // It is not there.
  }
}
