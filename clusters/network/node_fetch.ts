import { Forward } from "./forward.ts";
import type { AuthorCall, NodeContext } from "../calls/mod.ts";
import { socksRoute } from "./socks_route.ts";

/**
 * Makes HTTP requests from the test, over connections that the node opens. Names are resolved by the
 * node; `localhost` is the node itself.
 */
export class NodeFetch implements AsyncDisposable {
  readonly #context: NodeContext;
  #opening: Promise<{ forward: Forward; client: Deno.HttpClient }> | undefined;

  constructor(context: NodeContext) {
    this.#context = context;
  }

  /** As the global `fetch`. */
  async fetch(
    call: AuthorCall,
    input: string | URL | Request,
    init: RequestInit = {},
  ): Promise<Response> {
    const { life } = this.#context;
    this.#checkUrl(input instanceof Request ? input.url : String(input));
    return await life.during(call, async (signal) => {
      const { client } = await (this.#opening ??= this.#open());
      return await fetch(input, { ...init, signal, client } as RequestInit)
        .catch((error) => {
          throw this.#explained(error, input instanceof Request ? input.url : String(input));
        });
    });
  }

  /** Of the other schemes that the global `fetch` knows, each would be about this machine. */
  #checkUrl(url: string): void {
    if (/^https?:/i.test(url)) return;
    const { name, backend } = this.#context;
    throw new TypeError(
      `Cannot fetch ${url} from node "${name}" (${backend}): only http: and https: can be fetched ` +
        "from a node",
    );
  }

  /** The global `fetch` says neither from where nor, but in its cause, why. */
  #explained(error: unknown, url: string): unknown {
    if (!(error instanceof TypeError)) return error;
    const { name, backend } = this.#context;
    const reason = error.cause instanceof Error ? error.cause.message : error.message;
    const what = `Cannot fetch ${url} from node "${name}" (${backend})`;
    return new TypeError(`${what}: ${reason}`, { cause: error });
  }

  /** Closes every connection. */
  async [Symbol.asyncDispose](): Promise<void> {
    const opened = await this.#opening?.catch(() => undefined);
    opened?.client.close();
    await opened?.forward[Symbol.asyncDispose]();
  }

  async #open(): Promise<{ forward: Forward; client: Deno.HttpClient }> {
    const forward = await Forward.open(this.#context, { route: socksRoute });
    const url = `socks5h://${forward.hostname}:${forward.port}`;
    return { forward, client: Deno.createHttpClient({ proxy: { url } }) };
  }
}
