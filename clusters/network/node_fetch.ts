import { HostLostError } from "../../agent/client/host_lost_error.ts";
import type { HostConnection } from "../../agent/host/host.ts";
import { AuthorCall, type NodeContext } from "../calls/mod.ts";
import { publicUrl } from "../files/mod.ts";
import type { HttpClient } from "./http_client.ts";
import { describeTarget } from "./forwarded_port.ts";
import type { HttpTarget } from "./node_http_agent.ts";
import { ObservedConnection } from "./observed_connection.ts";

/** Names that mean the node itself, whatever its resolver says of them. */
const SELF = new Set(["localhost", "127.0.0.1", "::1"]);

/**
 * Makes HTTP requests from the test, over connections that the node opens. Names are resolved by the
 * node; `localhost` is the node itself.
 */
export class NodeFetch implements AsyncDisposable {
  readonly #context: NodeContext;
  readonly #following: Disposable;
  readonly #open = new Set<HostConnection>();
  #client: HttpClient | undefined;

  constructor(context: NodeContext) {
    this.#context = context;
    // Connections that are kept open for the next request do not survive a kill.
    this.#following = context.nodeLife.follow({
      down: () => this.#closeClient(),
      gone: () => this[Symbol.asyncDispose](),
    });
  }

  /** As the global `fetch`. */
  async fetch(
    call: AuthorCall,
    input: string | URL | Request,
    init: RequestInit = {},
  ): Promise<Response> {
    const { life } = this.#context;
    const url = input instanceof Request ? input.url : String(input);
    call.check(() => this.#checkUrl(url));
    const request = call.check(() => new Request(input, init));
    return await life.during(call, async (signal) => {
      const client = this.#client ??= await this.#makeClient();
      const explain = (error: unknown) => life.explain(error, call);
      return await client.fetch(request, { signal, explain }).catch((error) => {
        throw signal.aborted ? signal.reason : this.#explained(error, url);
      });
    });
  }

  /** Refuses schemes such as `file:` and `data:`, which are not about the node. */
  #checkUrl(url: string): void {
    if (/^https?:/i.test(url)) return;
    const { name, backend } = this.#context;
    throw new TypeError(
      `Cannot fetch ${
        publicUrl(url)
      } from node "${name}" (${backend}): only http: and https: can be fetched ` +
        "from a node",
    );
  }

  /** An error that says what was fetched and from where, unless the loss of the host is explained elsewhere. */
  #explained(error: unknown, url: string): unknown {
    if (error instanceof HostLostError || !(error instanceof Error)) return error;
    const { name, backend } = this.#context;
    const what = `Cannot fetch ${publicUrl(url)} from node "${name}" (${backend})`;
    return new TypeError(`${what}: ${error.message}`, { cause: error });
  }

  /** Closes every connection. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#following[Symbol.dispose]();
    const open = [...this.#open];
    this.#closeClient();
    await Promise.all(open.map((connection) => connection[Symbol.asyncDispose]()));
  }

  #closeClient(): void {
    this.#client?.[Symbol.dispose]();
    this.#client = undefined;
  }

  async #makeClient(): Promise<HttpClient> {
    // Loaded on demand: these modules take a tenth of a second, and most tests fetch nothing.
    const { HttpClient } = await import("./http_client.ts");
    const { tlsConnection } = await import("./tls_connection.ts");
    return new HttpClient({
      dial: (target, signal) => this.#dial(target, signal),
      dialTls: async (target, signal) => {
        const { hostname } = target;
        const { life } = this.#context;
        return await tlsConnection(await this.#dial(target, signal), {
          hostname,
          onFailure: (error) => life.explain(error, new AuthorCall(this.fetch)),
        });
      },
    });
  }

  async #dial({ hostname, port }: HttpTarget, signal: AbortSignal): Promise<HostConnection> {
    const { host, emit, name: node, nextId } = this.#context;
    const target = { transport: "tcp", port, ...SELF.has(hostname) ? {} : { hostname } } as const;
    const connection = await host().network.dial(target, { signal });
    const about = { node, tunnel: `tunnel${nextId()}` };
    emit({ type: "tunnel-opened", ...about, target: describeTarget(target) });
    const observed = new ObservedConnection(connection, (error) => {
      this.#open.delete(observed);
      emit({ type: "tunnel-closed", ...about, ...error ? { error: String(error) } : {} });
    });
    this.#open.add(observed);
    return observed;
  }
}
