import type { Buffer } from "node:buffer";
import type { Socket } from "node:net";
import { type ListeningAddress, ListeningPort } from "./listening_port.ts";
import { Refusals } from "./refusals.ts";
import { TlsGreeting } from "./tls_greeting.ts";

/** Milliseconds that a connection has to complete its handshake and its request. */
const PATIENCE = 10_000;

/** Connections at a time; one more takes the place of the oldest that has come to nothing yet. */
const MAX_CONNECTIONS = 4_096;

/**
 * Connections at a time of which TLS has heard, and that have come to nothing yet: each takes some
 * 15 KB. One more takes the place of the oldest.
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

/** A connection that has come to nothing yet, and what ends it if that stays so. */
interface WaitingConnection {
  readonly socket: Socket;
  readonly timer: ReturnType<typeof setTimeout>;
  isHandshaking: boolean;
}

/**
 * The port of an agent. Every client is bounded in time, number and memory, and strangers never
 * keep the runner out: they give way, the oldest first.
 */
export class FrontDoor implements AsyncDisposable {
  readonly #options: FrontDoorOptions;
  #port: ListeningPort | undefined;
  readonly #sockets = new Set<Socket>();
  /** By the peer that each is from, the oldest first. */
  readonly #waiting = new Map<string, WaitingConnection>();
  readonly #refusals: Refusals;
  #handshakes = 0;

  private constructor(options: FrontDoorOptions) {
    this.#options = options;
    this.#refusals = new Refusals(options.log);
  }

  /** Begins to listen; rejects when that is not possible. */
  static async open(options: FrontDoorOptions): Promise<FrontDoor> {
    const door = new FrontDoor(options);
    const onConnection = (socket: Socket) => door.#admit(socket);
    door.#port = await ListeningPort.open({ ...options, onConnection });
    return door;
  }

  /** Where it is, with the real port. */
  get address(): ListeningAddress {
    return this.#port!.address;
  }

  /** The connection has come to something: it may stay for as long as it likes. */
  keep(socket: Socket): void {
    this.#settle(peerOf(socket));
  }

  /** A handshake has failed: `reason` says why. */
  refuse(reason: string): void {
    this.#refusals.add(`handshake refused: ${reason}`);
  }

  /** Closes every connection and the port. */
  async [Symbol.asyncDispose](): Promise<void> {
    const closed = [...this.#sockets].map((socket) => closeOf(socket));
    await this.#port?.[Symbol.asyncDispose]();
    for (const socket of this.#sockets) socket.destroy();
    await Promise.all(closed);
  }

  /** Takes a connection in, if need be in the place of another, and watches that it comes to something. */
  #admit(socket: Socket): void {
    if (this.#sockets.size >= MAX_CONNECTIONS && !this.#shed(() => true)) {
      return void socket.destroy();
    }
    this.#sockets.add(socket);
    socket.setNoDelay(true);
    const peer = peerOf(socket);
    const timer = setTimeout(() => socket.destroy(), PATIENCE);
    this.#waiting.set(peer, { socket, timer, isHandshaking: false });
    socket.once("close", () => {
      this.#settle(peer);
      this.#sockets.delete(socket);
    });
    socket.on("error", () => socket.destroy());
    this.#listenTo(socket, peer);
  }

  /** Lets TLS hear of a connection when it has a whole greeting to hear, which few strangers send. */
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
    const waiting = this.#waiting.get(peer);
    if (!waiting) return void socket.destroy();
    waiting.isHandshaking = true;
    this.#handshakes += 1;
    socket.unshift(start);
    this.#options.onConnection(socket);
  }

  /** Closes the oldest connection of those that have come to nothing yet and that `may` be closed. */
  #shed(may: (waiting: WaitingConnection) => boolean): boolean {
    for (const [peer, waiting] of this.#waiting) {
      if (!may(waiting)) continue;
      this.#settle(peer);
      this.#sockets.delete(waiting.socket);
      waiting.socket.destroy();
      return true;
    }
    return false;
  }

  #settle(peer: string): void {
    const waiting = this.#waiting.get(peer);
    if (!waiting) return;
    clearTimeout(waiting.timer);
    if (waiting.isHandshaking) this.#handshakes -= 1;
    this.#waiting.delete(peer);
  }
}

/** Resolves once a socket is closed. */
function closeOf(socket: Socket): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  socket.once("close", () => resolve());
  return promise;
}

/** Two sockets stand for one connection, below TLS and above: this is the same of both. */
function peerOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}
