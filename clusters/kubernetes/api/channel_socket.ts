import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
// @ts-types="@types/ws"
import type { ClientOptions } from "ws";
import { startBackgroundTimer } from "../../../agent/background_timer.ts";
import { Deadline } from "../../../agent/deadline.ts";
import { delay } from "../../../agent/delay.ts";
import { messageOf } from "../../../agent/host/described_error.ts";
import { CLIENT_SOCKET, WebSocket } from "../../../agent/wire/web_socket.ts";
import { BackendUnusableError } from "../../errors.ts";
import { type ApiCall, ApiError, readStatus, refusal } from "./api_error.ts";
import { connect, isRefusedCertificate, UnreachedError } from "./connect.ts";
import type { CredentialSource } from "./credentials.ts";
import { textOf } from "./exchange.ts";
import type { FoundCluster } from "./find_cluster.ts";
import { pathOf } from "./kinds.ts";
import { ReadGate } from "./read_gate.ts";

/** Milliseconds until the API server has led to the pod. */
const OPEN_TIMEOUT = 20_000;

/** Milliseconds until the next attempt. */
const PAUSE = 250;

/** Milliseconds between two signs of life: load balancers end connections that say nothing for a minute. */
const PING_INTERVAL = 25_000;

/** Bytes of a message at most, which the API server sends in pieces of 32 KiB. */
const MAX_MESSAGE = 16 * 1024 * 1024;

/** What leads to an API server. */
export interface ServerAccess {
  readonly found: FoundCluster;
  readonly source: CredentialSource;
}

/** How a socket is opened. */
export interface OpenChannelsOptions {
  /** What the server may choose from, best first. */
  readonly protocols: readonly string[];
  readonly query: URLSearchParams;
  readonly signal: AbortSignal;
  /** Called with each message: its channel, and its bytes, of which the gate is told once they are taken. */
  readonly onMessage: (channel: number, data: Uint8Array<ArrayBuffer>) => void;
}

/** A WebSocket to something in a pod, which carries several streams: the first byte of a message is its. */
export class ChannelSocket implements Disposable {
  /** What the server has chosen. */
  readonly protocol: string;
  /** Resolves when it is over, to what was said about it. */
  readonly closed: Promise<string>;
  readonly gate: ReadGate;
  readonly #socket: WebSocket;
  #ping: Disposable | undefined;

  private constructor(socket: WebSocket, gate: ReadGate) {
    this.#socket = socket;
    this.gate = gate;
    this.protocol = socket.protocol;
    const { promise, resolve } = Promise.withResolvers<string>();
    this.closed = promise;
    socket.on("close", (code, reason) => {
      this.#ping?.[Symbol.dispose]();
      gate.open();
      resolve(String(reason) || `it was closed with code ${code}`);
    });
    this.#keepAlive();
  }

  /**
   * Opens one; tries again while the server is not there, or too busy: nothing has been done then.
   *
   * @throws {ApiError} if the server refuses it, or time is over; the reason of `signal` if that aborts.
   */
  static async open(
    access: ServerAccess,
    call: ApiCall,
    options: OpenChannelsOptions,
  ): Promise<ChannelSocket> {
    const { signal } = options;
    using deadline = new Deadline(OPEN_TIMEOUT, [signal]);
    let refused = 0;
    for (;;) {
      try {
        return await ChannelSocket.#open(access, call, { ...options, signal: deadline.signal });
      } catch (error) {
        signal.throwIfAborted();
        const failure = failed(call, { error, isLate: deadline.isOver });
        if (deadline.isOver || !isPassing(failure) && (failure.status !== 401 || ++refused > 1)) {
          throw failure;
        }
        access.source.forget();
        await delay(PAUSE, deadline.signal).catch(() => {
          throw signal.aborted ? signal.reason : failure;
        });
      }
    }
  }

  /** Sends a message, and waits until it is on its way. */
  send(channel: number, data: Uint8Array): Promise<void> {
    const message = new Uint8Array(1 + data.length);
    message[0] = channel;
    message.set(data, 1);
    return new Promise((resolve, reject) =>
      this.#socket.send(message, (error) => error ? reject(error) : resolve())
    );
  }

  /** Ends it at once. */
  [Symbol.dispose](): void {
    this.#socket.terminate();
  }

  static async #open(
    { found, source }: ServerAccess,
    call: ApiCall,
    { protocols, query, signal, onMessage }: OpenChannelsOptions,
  ): Promise<ChannelSocket> {
    const gate = new ReadGate();
    const credentials = await source.get();
    const stream = await connect(found, { credentials, signal, gate });
    const { server } = found;
    const url = new URL(`${server.pathname.replace(/\/$/, "")}${pathOf(call)}?${query}`, server);
    url.protocol = "ws:";
    const socket = new WebSocket(url, [...protocols], {
      ...CLIENT_SOCKET,
      maxPayload: MAX_MESSAGE,
      headers: credentials.headers as Record<string, string>,
      createConnection: () => stream as Socket,
    } as ClientOptions);
    socket.on("message", (message: Uint8Array<ArrayBuffer>) => {
      if (message.length > 0) onMessage(message[0]!, message.subarray(1));
    });
    try {
      await opened(socket, { call, signal });
    } catch (error) {
      // A request that is given up before it was written does not end its connection.
      stream.destroy();
      throw error;
    }
    return new ChannelSocket(socket, gate);
  }

  #keepAlive(): void {
    this.#ping = startBackgroundTimer(PING_INTERVAL, () => {
      if (this.#socket.readyState !== WebSocket.OPEN) return;
      this.#socket.ping(() => {});
      this.#keepAlive();
    });
  }
}

/** Whether nothing was done, and may be later. */
function isPassing({ status, cause }: ApiError): boolean {
  return status === 429 || status === 503 ||
    cause instanceof UnreachedError && !isRefusedCertificate(cause);
}

function failed(
  call: ApiCall,
  { error, isLate }: { readonly error: unknown; readonly isLate: boolean },
): ApiError {
  if (error instanceof ApiError) return error;
  if (error instanceof BackendUnusableError) throw error;
  const message = isLate
    ? "the API server does not lead to the pod in time"
    : error instanceof UnreachedError
    ? `the API server is not reached: ${error.message}`
    : messageOf(error);
  return new ApiError(call, { message, cause: error });
}

function opened(
  socket: WebSocket,
  { call, signal }: { readonly call: ApiCall; readonly signal: AbortSignal },
): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = () => {
      socket.terminate();
      reject(signal.reason);
    };
    signal.addEventListener("abort", abort, { once: true });
    if (signal.aborted) abort();
    const settle = () => signal.removeEventListener("abort", abort);
    socket.once("open", () => {
      settle();
      resolve();
    });
    // Whatever comes later is said by the end of the socket.
    socket.on("error", (error) => {
      settle();
      reject(error);
    });
    socket.once("unexpected-response", (_request: unknown, answer: IncomingMessage) => {
      textOf(answer, signal).then((text) => {
        settle();
        reject(refusal(call, { status: answer.statusCode ?? 0, text: plainly(text) }));
        socket.terminate();
      }, reject);
    });
  });
}

/** What a kubelet says is plain text. */
function plainly(text: string): string {
  return readStatus(text).message === undefined
    ? JSON.stringify({ message: text.trim() || undefined })
    : text;
}
