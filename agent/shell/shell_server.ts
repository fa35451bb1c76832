import { messageOf } from "../host/described_error.ts";
import { removeQuietly } from "./remove_quietly.ts";
import { shellRequestShape } from "./shell_request.ts";
import { ShellFrames, type ShellReply, type ShellRequest } from "./shell_frames.ts";
import type { OfferedNode } from "./shell_frames.ts";
import { type RunningShell, startShell } from "./running_shell.ts";
import type { ServedNode } from "./served_node.ts";

/** Connections of clients at a time. */
const MAX_CONNECTIONS = 64;

/** Milliseconds after which accepting is tried again when it failed, as for want of file descriptors. */
const ACCEPT_PAUSE = 100;

/** A connection of a client, and the node on which it has a shell. */
interface ClientConnection {
  readonly frames: ShellFrames<unknown, ShellReply>;
  /** Aborts when its node is gone, or the connection. */
  readonly ending: AbortController;
  node?: ServedNode | undefined;
}

/**
 * Serves terminals on nodes at a Unix socket, which only this user can reach: its folder says so. What
 * a shell has started ends with it; the shells of a node that is withdrawn end with the reason.
 */
export class ShellServer implements Disposable, AsyncDisposable {
  readonly #path: string;
  readonly #nodes = new Map<string, ServedNode>();
  readonly #connections = new Set<ClientConnection>();
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
    for (const { node, ending } of this.#connections) {
      if (node && keyOf(node) === key) ending.abort(new Error(`${node.node} ${reason}`));
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
    for (const { ending, node, frames } of this.#connections) {
      ending.abort(new Error("The run has ended"));
      // The client of a shell is told why first, and its connection closed then.
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
    // Also of a folder that was there: who gets into it can do on nodes what this user can.
    Deno.chmodSync(folder, 0o700);
    // A server that was killed has left its socket.
    removeQuietly(this.#path);
    const listener = Deno.listen({ transport: "unix", path: this.#path });
    this.#accept(listener);
    return listener;
  }

  async #accept(listener: Deno.UnixListener): Promise<void> {
    while (this.#listener === undefined || this.#listener === listener) {
      try {
        const connection = await listener.accept();
        if (this.#connections.size >= MAX_CONNECTIONS) connection.close();
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
    const client: ClientConnection = { frames, ending: new AbortController() };
    this.#connections.add(client);
    try {
      await this.#answer(client);
    } catch (error) {
      // The client has left, or has sent what is no request.
      await frames.send({ type: "refused", message: messageOf(error) }).catch(() => {});
    } finally {
      client.ending.abort(new Error("The connection has ended"));
      this.#connections.delete(client);
    }
  }

  async #answer(client: ClientConnection): Promise<void> {
    let shell: RunningShell | undefined;
    try {
      for await (const frame of client.frames) {
        if ("bytes" in frame) {
          shell?.type(frame.bytes);
          continue;
        }
        const message = shellRequestShape(frame.message, "the request");
        if (message.type === "list") {
          await client.frames.send({
            type: "nodes",
            nodes: [...this.#nodes.values()].map(offered),
          });
        } else if (message.type === "open" && !shell) shell = await this.#open(client, message);
        else if (message.type === "resize") await shell?.resize(message.size).catch(() => {});
        else throw new TypeError(`Cannot serve a request of this kind`);
      }
    } catch (error) {
      if (!shell) throw error;
      client.ending.abort(error);
    } finally {
      await shell?.hangUp();
    }
  }

  async #open(
    client: ClientConnection,
    request: ShellRequest & { readonly type: "open" },
  ): Promise<RunningShell> {
    const node = this.#nodes.get(keyOf(request));
    if (!node) throw new Deno.errors.NotFound(`There is no node "${request.node}" any more`);
    client.node = node;
    const shell = await startShell(node, request, client.ending.signal);
    await client.frames.send({ type: "opened" });
    this.#show(client, shell);
    return shell;
  }

  /** Sends what is shown, and then how it ended, and ends the connection. */
  async #show({ frames, ending }: ClientConnection, shell: RunningShell): Promise<void> {
    try {
      const ended = await shell.show((bytes) => frames.sendBytes(bytes), ending.signal);
      await frames.send({ type: "ended", ...ended });
    } catch {
      // The client has left.
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
