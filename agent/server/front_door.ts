import type { Buffer } from "node:buffer";
import type { Socket } from "node:net";
import { type ListeningAddress, ListeningPort } from "./listening_port.ts";
import { RefusedConnections } from "./refused_connections.ts";
import { TlsGreeting } from "./tls_greeting.ts";

/** Milliseconds that a connection has to complete its handshake and its request. */
const PATIENCE = 10_000;

/** Connections at a time; one more takes the place of the oldest pending one. */
const MAX_CONNECTIONS = 4_096;

/**
 * Pending connections at a time whose TLS handshake has begun: each takes some 15 KB. One more takes the
 * place of the oldest.
 */
const MAX_HANDSHAKES = 1_024;

/** Where a door is, and where it leads to. */
export interface FrontDoorOptions {
  readonly hostname: string;
  readonly port: number;
  /** Takes a connection whose handshake has begun. */
  readonly onConnection: (socket: Socket) => void;
  /** Takes the lines of the agent's log. */
  readonly log: (line: string) => void;
}

/** A connection that serves no session and no lease yet, and the timer that ends it if it does not. */
interface PendingConnection {
  readonly socket: Socket;
  readonly timer: ReturnType<typeof setTimeout>;
  isHandshaking: boolean;
}

/**
 * The port of an agent. Pending connections are bounded in time, number and memory, and strangers never
 * keep the runner out: a new connection takes the place of the oldest pending one.
 */
export class FrontDoor implements AsyncDisposable {
  readonly #options: FrontDoorOptions;
  #port: ListeningPort | undefined;
  readonly #sockets = new Set<Socket>();
  /** By the peer that each is from, the oldest first. */
  readonly #pending = new Map<string, PendingConnection>();
  readonly #refused: RefusedConnections;
  #handshakes = 0;

  private constructor(options: FrontDoorOptions) {
    this.#options = options;
    this.#refused = new RefusedConnections(options.log);
  }

  /** Begins to listen; rejects when that is not possible. */
  static async open(options: FrontDoorOptions): Promise<FrontDoor> {
    const door = new FrontDoor(options);
    const onConnection = (socket: Socket) => door.#admit(socket);
    door.#port = await ListeningPort.open({ ...options, onConnection });
    return door;
  }

  /** The address of the port, with the number that the system chose. */
  get address(): ListeningAddress {
    return this.#port!.address;
  }

  /** The connection serves a session or a lease from now on, and is pending no more. */
  keep(socket: Socket): void {
    this.#settle(peerOf(socket));
  }

  /** A handshake has failed: `reason` says why. */
  refuse(reason: string): void {
    this.#refused.add(`handshake refused: ${reason}`);
  }

  /** Closes every connection and the port. */
  async [Symbol.asyncDispose](): Promise<void> {
    const closed = [...this.#sockets].map((socket) => closeOf(socket));
    await this.#port?.[Symbol.asyncDispose]();
    for (const socket of this.#sockets) socket.destroy();
    await Promise.all(closed);
  }

  /** Takes a connection in, if need be in the place of another. It is pending until {@linkcode keep}. */
  #admit(socket: Socket): void {
    if (this.#sockets.size >= MAX_CONNECTIONS && !this.#shed(() => true)) {
      return void socket.destroy();
    }
    this.#sockets.add(socket);
    socket.setNoDelay(true);
    const peer = peerOf(socket);
    const timer = setTimeout(() => socket.destroy(), PATIENCE);
    this.#pending.set(peer, { socket, timer, isHandshaking: false });
    socket.once("close", () => {
      this.#settle(peer);
      this.#sockets.delete(socket);
    });
    socket.on("error", () => socket.destroy());
    this.#listenTo(socket, peer);
  }

  /** Gives a connection to TLS once its first record has come whole, which few strangers send. */
  #listenTo(socket: Socket, peer: string): void {
    const greeting = new TlsGreeting();
    const read = () => {
      const chunk: Buffer | null = socket.read();
      if (chunk === null) return;
      const state = greeting.add(chunk);
      if (state === "incomplete") return;
      socket.off("readable", read);
      if (state === "whole") return this.#greet(socket, { peer, start: greeting.bytes });
      this.refuse("what comes is not TLS");
      socket.destroy();
    };
    socket.on("readable", read);
    socket.once("end", () => {
      if (greeting.state === "whole") return;
      if (greeting.state === "incomplete" && greeting.bytes.length > 0) {
        this.refuse("it ended in its greeting");
      }
      socket.destroy();
    });
  }

  #greet(socket: Socket, { peer, start }: { peer: string; start: Buffer }): void {
    if (this.#handshakes >= MAX_HANDSHAKES) this.#shed(({ isHandshaking }) => isHandshaking);
    const pending = this.#pending.get(peer);
    if (!pending) return void socket.destroy();
    pending.isHandshaking = true;
    this.#handshakes += 1;
    socket.unshift(start);
    this.#options.onConnection(socket);
  }

  /** Closes the oldest pending connection that `may` be closed; false if there is none. */
  #shed(may: (pending: PendingConnection) => boolean): boolean {
    for (const [peer, pending] of this.#pending) {
      if (!may(pending)) continue;
      this.#settle(peer);
      this.#sockets.delete(pending.socket);
      pending.socket.destroy();
      return true;
    }
    return false;
  }

  #settle(peer: string): void {
    const pending = this.#pending.get(peer);
    if (!pending) return;
    clearTimeout(pending.timer);
    if (pending.isHandshaking) this.#handshakes -= 1;
    this.#pending.delete(peer);
  }
}

/** Resolves once a socket is closed. */
function closeOf(socket: Socket): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  socket.once("close", () => resolve());
  return promise;
}

/** Names the peer of a connection: the same for its socket below TLS and for the one above. */
function peerOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}
