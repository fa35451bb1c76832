import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";

/** What befalls a connection. */
export interface Fault {
  /** Bytes, of both directions together, that pass before. */
  readonly after: number;
  /**
   * `"cut"` ends the connection on both sides; `"stall"` lets nothing pass any more, and closes nothing;
   * `"pause"` is a stall that ends after {@linkcode PAUSE}.
   */
  readonly kind: "cut" | "stall" | "pause";
}

/** Milliseconds that a pause lasts. */
export const PAUSE: number = 50;

/** Milliseconds between two portions of what passes at a limited rate. */
const PORTION_TIME = 10;

/** What a proxy does to its connections. */
export interface TcpProxyOptions {
  /** What befalls each connection, and what befalls it after a pause. @default nothing */
  readonly plan?: (() => Fault | undefined) | undefined;
  /** Bytes that pass in each direction of a connection, per millisecond. @default as many as come */
  readonly rate?: number | undefined;
}

/** Leads to another port of this host, and breaks connections on request. */
export class TcpProxy implements AsyncDisposable {
  readonly port: number;
  readonly #server: Server;
  readonly #passages = new Set<Passage>();
  readonly #end = new AbortController();
  #count = 0;
  #faults = 0;
  #passed = 0;

  private constructor(server: Server) {
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
  }

  /** Begins to listen, at a port of its own. */
  static async open(
    target: { readonly port: number },
    options: TcpProxyOptions = {},
  ): Promise<TcpProxy> {
    const server = createServer({ allowHalfOpen: true });
    server.listen({ host: "127.0.0.1", port: 0 });
    await once(server, "listening");
    const proxy = new TcpProxy(server);
    server.on("connection", (near: Socket) => proxy.#pass(near, target.port, options));
    return proxy;
  }

  /** Connections that it has had. */
  get connections(): number {
    return this.#count;
  }

  /** Bytes that have passed, in both directions together. */
  get passed(): number {
    return this.#passed;
  }

  /** All connections stall, those that are there now. */
  stall(): void {
    for (const passage of this.#passages) passage.befall("stall");
  }

  /** What has befallen its connections by plan. */
  get faults(): number {
    return this.#faults;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, "close");
    this.#server.close();
    this.#end.abort();
    for (const passage of this.#passages) passage.befall("cut");
    await closed;
  }

  #pass(near: Socket, port: number, options: TcpProxyOptions): void {
    this.#count += 1;
    const far = connect({ host: "127.0.0.1", port, allowHalfOpen: true });
    const passage = new Passage([near, far], {
      plan: options.plan ?? (() => undefined),
      rate: options.rate ?? Infinity,
      signal: this.#end.signal,
      onFault: () => this.#faults += 1,
      onPassed: (count) => this.#passed += count,
    });
    this.#passages.add(passage);
    near.once("close", () => this.#passages.delete(passage));
  }
}

interface PassageOptions {
  readonly plan: () => Fault | undefined;
  readonly rate: number;
  /** Aborts at the end of the proxy. */
  readonly signal: AbortSignal;
  readonly onFault: () => void;
  readonly onPassed: (count: number) => void;
}

/** A connection and its continuation. */
class Passage {
  readonly #sockets: readonly [Socket, Socket];
  readonly #options: PassageOptions;
  #fault: Fault | undefined;
  #passed = 0;
  /** Resolves when bytes pass again. */
  #open: Promise<void> | undefined;

  constructor(sockets: readonly [Socket, Socket], options: PassageOptions) {
    this.#sockets = sockets;
    this.#options = options;
    this.#fault = options.plan();
    const [near, far] = sockets;
    this.#forward(near, far);
    this.#forward(far, near);
  }

  befall(kind: Fault["kind"]): void {
    if (kind === "cut") { for (const socket of this.#sockets) socket.destroy(); }
    if (kind === "stall") this.#open = new Promise(() => {});
    if (kind === "pause") this.#pause();
  }

  #pause(): void {
    this.#passed = 0;
    this.#fault = this.#options.plan();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#open = promise;
    setTimeout(() => {
      if (this.#open === promise) this.#open = undefined;
      resolve();
    }, PAUSE);
  }

  #forward(from: Socket, to: Socket): void {
    from.setNoDelay(true);
    from.on("error", () => to.destroy());
    from.on("close", () => to.destroy());
    from.on("end", () => this.#open ?? to.end());
    from.on("data", async (chunk: Uint8Array) => {
      from.pause();
      await this.#passOn(chunk, to);
      from.resume();
    });
  }

  async #passOn(chunk: Uint8Array, to: Socket): Promise<void> {
    const { after = Infinity, kind = "stall" } = this.#fault ?? {};
    const before = Math.max(0, after - this.#passed);
    const isDue = this.#passed <= after && chunk.length > before;
    this.#passed += chunk.length;
    await this.#write(isDue ? chunk.subarray(0, before) : chunk, to);
    if (!isDue) return;
    this.#options.onFault();
    this.befall(kind);
    await this.#write(chunk.subarray(before), to);
  }

  async #write(chunk: Uint8Array, to: Socket): Promise<void> {
    const portion = this.#options.rate * PORTION_TIME;
    for (let start = 0; start < chunk.length; start += portion) {
      await this.#writePortion(chunk.subarray(start, start + portion), to);
      if (portion !== Infinity) await this.#rest();
    }
  }

  /** Ends early when the proxy does. */
  async #rest(): Promise<void> {
    await delay(PORTION_TIME, undefined, { signal: this.#options.signal }).catch(() => {});
  }

  async #writePortion(chunk: Uint8Array, to: Socket): Promise<void> {
    await this.#open;
    if (chunk.length === 0 || to.destroyed) return;
    this.#options.onPassed(chunk.length);
    if (to.write(chunk)) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    to.once("drain", resolve).once("close", resolve);
    await promise;
  }
}
