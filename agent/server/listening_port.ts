import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { delay } from "../delay.ts";
import { within } from "../within.ts";

/** Milliseconds between two looks whether the port still accepts. */
const LOOK_INTERVAL = 10_000;

/** Milliseconds in which a connection is accepted that was made. */
const PATIENCE = 2_000;

/** Looks in a row after which a port counts as deaf: a machine that was paused may miss one. */
const MISSES = 2;

/** Milliseconds between two looks whether it was. */
const POLL_INTERVAL = 50;

/** Where a port is. */
export interface ListeningAddress {
  readonly hostname: string;
  readonly port: number;
}

/** Where a port is, and what it is for. */
export interface ListeningPortOptions extends ListeningAddress {
  readonly onConnection: (socket: Socket) => void;
  readonly log: (line: string) => void;
  /** Milliseconds between two looks whether the port still accepts. @default 10000 */
  readonly lookInterval?: number | undefined;
}

/**
 * A port that goes on accepting. A server of `node:net` in Deno 2.9 stops for good, and says nothing,
 * when it could not accept a connection, as for want of file descriptors. So this one connects to itself
 * now and then, and listens anew when nothing comes of it. Connections that are there stay.
 */
export class ListeningPort implements AsyncDisposable {
  readonly #options: ListeningPortOptions;
  readonly #end = new AbortController();
  #server: Server | undefined;
  /** Where it is, with the real port. */
  #address: ListeningAddress;
  #looking: Promise<void> = Promise.resolve();
  #accepted = 0;

  private constructor(options: ListeningPortOptions) {
    this.#options = options;
    this.#address = options;
  }

  /** Begins to listen; rejects when that is not possible. */
  static async open(options: ListeningPortOptions): Promise<ListeningPort> {
    const port = new ListeningPort(options);
    await port.#listen();
    port.#looking = port.#look().catch(() => {});
    return port;
  }

  /** Where it is, with the real port. */
  get address(): ListeningAddress {
    const { hostname, port } = this.#address;
    return { hostname, port };
  }

  /** Closes the port, and not the connections. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#end.abort();
    this.#server?.close();
    await this.#looking;
  }

  async #listen(): Promise<void> {
    const { hostname: host, port } = this.#address;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const server = createServer((socket) => {
      this.#accepted++;
      this.#options.onConnection(socket);
    });
    server.on("error", reject);
    server.listen({ host, port }, resolve);
    await promise;
    const at = server.address() as AddressInfo;
    this.#address = { hostname: at.address, port: at.port };
    this.#server = server;
  }

  /** Looks now and then, until the port is closed. */
  async #look(): Promise<void> {
    const { lookInterval = LOOK_INTERVAL } = this.#options;
    for (let misses = 0;;) {
      await delay(lookInterval, this.#end.signal);
      misses = await this.#accepts() ? 0 : misses + 1;
      if (misses >= MISSES) await this.#listenAnew();
    }
  }

  /** Whether a connection is accepted; true also when none can be made, which says nothing of that. */
  async #accepts(): Promise<boolean> {
    const { signal } = this.#end;
    const { hostname, port } = this.#address;
    const before = this.#accepted;
    const connecting = Deno.connect({ hostname: isAny(hostname) ? "127.0.0.1" : hostname, port });
    const connection = await within(PATIENCE, connecting, { signal }).catch(() => undefined);
    connecting.then((made) => made.close(), () => {});
    if (connection === undefined) return true;
    for (let waited = 0; waited < PATIENCE && this.#accepted === before; waited += POLL_INTERVAL) {
      await delay(POLL_INTERVAL, signal);
    }
    return this.#accepted !== before;
  }

  async #listenAnew(): Promise<void> {
    const { log } = this.#options;
    log("the port does not accept connections any more: listening anew");
    this.#server?.close();
    await this.#listen().catch(({ message }: Error) => log(`cannot listen anew: ${message}`));
    if (this.#end.signal.aborted) this.#server?.close();
  }
}

function isAny(hostname: string): boolean {
  return hostname === "0.0.0.0" || hostname === "::";
}
