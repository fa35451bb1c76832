/** A registry of images at this machine's loopback that lets nobody have any, whoever it is. */
export class StrictRegistry implements AsyncDisposable {
  /** What credentials it was shown, as `user:password`. */
  readonly shown = new Set<string>();
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  constructor() {
    const options = { hostname: "127.0.0.1", port: 0, onListen: () => {} };
    this.#server = Deno.serve(options, (request) => this.#answer(request));
  }

  /** As the names of its images begin. */
  get name(): string {
    return `127.0.0.1:${this.#server.addr.port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }

  #answer({ headers }: Request): Response {
    const [, credentials] = /^Basic (.*)$/.exec(headers.get("Authorization") ?? "") ?? [];
    if (credentials !== undefined) this.shown.add(atob(credentials));
    const body = { errors: [{ code: "UNAUTHORIZED", message: "authentication required" }] };
    return Response.json(body, {
      status: 401,
      headers: { "WWW-Authenticate": 'Basic realm="strict"' },
    });
  }
}
