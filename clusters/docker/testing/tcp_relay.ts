import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { Buffer } from "node:buffer";
import { join } from "node:path";
import { Transform } from "node:stream";
import { createServer as createTlsServer } from "node:tls";

/** How a relay is reached. */
export interface TcpRelayOptions {
  /** Folder with the certificates of `makeCertificates()`; then it takes TLS of who has one. @default none */
  readonly certificates?: string | undefined;
  /** Changes what a client sends, piece by piece, and keeps its length. @default nothing is changed */
  readonly change?: ((asked: string) => string) | undefined;
}

/** The socket of the engine that the tests use. */
const ENGINE = "/var/run/docker.sock";

/** Leads to the engine that the tests use over TCP, as one of another machine is reached. */
export class TcpRelay implements AsyncDisposable {
  /** What clients have sent, in pieces as they came. */
  readonly asked: string[] = [];
  readonly #server: Server;
  readonly #change: (asked: string) => string;
  readonly #sockets = new Set<Socket>();

  private constructor({ certificates, change = (asked) => asked }: TcpRelayOptions) {
    this.#change = change;
    const serve = (client: Socket) => this.#serve(client);
    this.#server = certificates === undefined
      ? createServer({ allowHalfOpen: true }, serve)
      : createTlsServer({ allowHalfOpen: true, ...keysIn(certificates) }, serve);
  }

  /** Begins to listen. */
  static async open(options: TcpRelayOptions = {}): Promise<TcpRelay> {
    const relay = new TcpRelay(options);
    await once(relay.#server.listen(0, "127.0.0.1"), "listening");
    return relay;
  }

  /** In the notation of `DOCKER_HOST`. */
  get host(): string {
    const { port } = this.#server.address() as { port: number };
    return `tcp://127.0.0.1:${port}`;
  }

  /** Ends all connections. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, "close");
  }

  #note(): Transform {
    return new Transform({
      transform: (chunk: Uint8Array, _, done) => {
        // One character for each byte, whatever they are.
        const asked = Buffer.from(chunk).toString("latin1");
        this.asked.push(asked);
        done(null, Buffer.from(this.#change(asked), "latin1"));
      },
    });
  }

  #serve(client: Socket): void {
    const engine = connect({ path: ENGINE, allowHalfOpen: true });
    for (const [socket, other] of [[client, engine], [engine, client]] as const) {
      this.#sockets.add(socket);
      socket.on("error", () => other.destroy());
      socket.on("close", () => {
        other.destroy();
        this.#sockets.delete(socket);
      });
    }
    client.pipe(this.#note()).pipe(engine).pipe(client);
  }
}

function keysIn(certificates: string) {
  const read = (name: string) => Deno.readTextFileSync(join(certificates, name));
  return {
    ca: read("ca.pem"),
    cert: read("server-cert.pem"),
    key: read("server-key.pem"),
    requestCert: true,
    rejectUnauthorized: true,
  };
}
