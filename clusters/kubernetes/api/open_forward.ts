import type { TunnelConnection } from "../../../agent/client/fleet.ts";
import { unlessAborted } from "../../../agent/unless_aborted.ts";
import { type ApiCall, ApiError } from "./api_error.ts";
import { ChannelSocket, type ServerAccess } from "./channel_socket.ts";

/** The only protocol of WebSockets for this that all servers have. */
const PROTOCOLS = ["v4.channel.k8s.io"];

/** The streams of the one port that is asked for; each begins with the port's number, in two bytes. */
const CHANNEL = { data: 0, error: 1 } as const;

/** Bytes that are sent at a time. */
const CHUNK = 64 * 1024;

/** Bytes that are put together at most, so that they are taken at a time. */
const MERGED = 256 * 1024;

/** Where a forward leads. */
export interface ForwardOptions {
  /** A port of the pod's loopback. */
  readonly port: number;
  readonly signal: AbortSignal;
}

/**
 * Opens a connection to a port of a pod, with a socket to the API server of its own: forwards that share
 * one are held up by each other. It is read as fast as what it brings is consumed. That nothing listens
 * there is said by its streams: the API server accepts the connection first.
 *
 * @throws {ApiError} if the server refuses it, or time is over.
 */
export async function openForward(
  access: ServerAccess,
  call: ApiCall,
  { port, signal }: ForwardOptions,
): Promise<TunnelConnection> {
  const arrivals = new Arrivals(call);
  const socket = await ChannelSocket.open(access, call, {
    protocols: PROTOCOLS,
    query: new URLSearchParams({ ports: String(port) }),
    signal,
    onMessage: (channel, data) => arrivals.take(channel, data),
  });
  arrivals.begin(socket);
  return {
    readable: arrivals.readable,
    writable: writableTo(socket),
    reset: (reason) => {
      arrivals.fail(reason);
      socket[Symbol.dispose]();
      return Promise.resolve();
    },
  };
}

/** What a forward brings, from its first message on. */
class Arrivals {
  readonly readable: ReadableStream<Uint8Array<ArrayBuffer>>;
  readonly #call: ApiCall;
  readonly #waiting: Uint8Array<ArrayBuffer>[] = [];
  readonly #begun = new Set<number>();
  #controller!: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>;
  #socket: ChannelSocket | undefined;
  /** Wakes who waits for more. */
  #more = Promise.withResolvers<void>();
  #end: { readonly error?: unknown } | undefined;
  #said = "";

  constructor(call: ApiCall) {
    this.#call = call;
    this.readable = new ReadableStream({
      start: (controller) => void (this.#controller = controller),
      pull: () => this.#pull(),
      cancel: () => this.#socket?.[Symbol.dispose](),
    }, { highWaterMark: 0 });
  }

  /** The socket is open. */
  begin(socket: ChannelSocket): void {
    this.#socket = socket;
    for (const each of this.#waiting) socket.gate.received(each.length);
    socket.closed.then(() => this.#finish());
  }

  take(channel: number, data: Uint8Array<ArrayBuffer>): void {
    const isFirst = !this.#begun.has(channel);
    this.#begun.add(channel);
    const rest = isFirst ? data.subarray(2) : data;
    if (rest.length === 0) return;
    if (channel === CHANNEL.error) {
      this.#said += new TextDecoder().decode(rest).slice(0, 1_000);
      return;
    }
    if (channel !== CHANNEL.data) return;
    this.#waiting.push(rest);
    this.#socket?.gate.received(rest.length);
    this.#wake();
  }

  /** Nobody wants the rest. */
  fail(error: unknown): void {
    this.#end = { error };
    this.#waiting.length = 0;
    this.#wake();
  }

  #finish(): void {
    const message = this.#said && `what leads to the port has failed: ${this.#said.trim()}`;
    this.#end ??= message ? { error: new ApiError(this.#call, { message }) } : {};
    this.#wake();
  }

  #wake(): void {
    this.#more.resolve();
    this.#more = Promise.withResolvers();
  }

  /** The next bytes: what came in several messages goes on as one chunk, since each costs the reader time. */
  #takeSome(): Uint8Array<ArrayBuffer> | undefined {
    if (this.#waiting.length < 2) return this.#waiting.shift();
    let bytes = 0;
    const count = this.#waiting.findIndex(({ length }) => (bytes += length) > MERGED);
    return joined(this.#waiting.splice(0, count < 0 ? Infinity : Math.max(1, count)));
  }

  async #pull(): Promise<void> {
    while (this.#waiting.length === 0 && this.#end === undefined) await this.#more.promise;
    const next = this.#takeSome();
    if (next) {
      this.#controller.enqueue(next);
      this.#socket?.gate.taken(next.length);
    } else if (this.#end?.error !== undefined) this.#controller.error(this.#end.error);
    else this.#controller.close();
  }
}

function joined(chunks: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(chunks.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

/** Never resolves: for a wait that ends in another way. */
function untilAborted(): Promise<void> {
  return new Promise(() => {});
}

/** One direction cannot end alone: its end is that of the connection. */
function writableTo(socket: ChannelSocket): WritableStream<Uint8Array> {
  const ended = new AbortController();
  socket.closed.then((said) =>
    ended.abort(new Deno.errors.ConnectionReset(`The forward has ended: ${said}`))
  );
  return new WritableStream({
    write: async (data) => {
      for (let at = 0; at < data.length; at += CHUNK) {
        const sending = socket.send(CHANNEL.data, data.subarray(at, at + CHUNK));
        // A socket that is closing refuses what is sent. Why it closes is known at its end.
        await unlessAborted(sending.catch(untilAborted), ended.signal);
      }
    },
    close: () => socket[Symbol.dispose](),
    abort: () => socket[Symbol.dispose](),
  });
}
