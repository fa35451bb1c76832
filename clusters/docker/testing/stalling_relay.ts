import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { Transform } from "node:stream";

/**
 * A socket that leads to an engine's. Once it stalls, what would change something gets no answer any
 * more, as from an engine that has deadlocked; what only reads still does.
 */
export class StallingRelay implements AsyncDisposable {
  /** In the notation of `DOCKER_HOST`. */
  readonly host: string;
  #dir: string;
  #server: Server;
  #sockets = new Set<Socket>();
  #stalls = false;

  private constructor(dir: string, target: string) {
    const path = join(dir, "engine.sock");
    this.host = `unix://${path}`;
    this.#dir = dir;
    this.#server = createServer({ allowHalfOpen: true }, (client) => this.#serve(client, target));
    this.#server.listen(path);
  }

  /** Leads to the engine behind the socket `target`. */
  static async open(target: string): Promise<StallingRelay> {
    const relay = new StallingRelay(await Deno.makeTempDir({ prefix: "ct-relay-" }), target);
    await once(relay.#server, "listening");
    return relay;
  }

  /** From now on. */
  stall(): void {
    this.#stalls = true;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, "close");
    await Deno.remove(this.#dir, { recursive: true });
  }

  #serve(client: Socket, target: string): void {
    const engine = connect({ path: target, allowHalfOpen: true });
    for (const [socket, other] of [[client, engine], [engine, client]] as const) {
      this.#sockets.add(socket);
      socket.on("error", () => other.destroy());
      socket.on("close", () => {
        other.destroy();
        this.#sockets.delete(socket);
      });
    }
    client.pipe(this.#gate()).pipe(engine).pipe(client);
  }

  /** Requests are small: what comes in one piece begins with a verb. */
  #gate(): Transform {
    return new Transform({
      transform: (chunk: Uint8Array, _, done) => {
        const start = new TextDecoder().decode(chunk.subarray(0, 7));
        const isHeld = this.#stalls && /^(POST|PUT|DELETE) /.test(start);
        done(null, isHeld ? undefined : chunk);
      },
    });
  }
}
