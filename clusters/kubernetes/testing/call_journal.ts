import type { Duplex } from "node:stream";
import { closeUnlessClosed } from "../../../agent/close_unless_closed.ts";
import { connect } from "../api/connect.ts";
import { CredentialSource } from "../api/credentials.ts";
import { findCluster, type FoundCluster } from "../api/find_cluster.ts";

/** The beginning of a request, at the beginning of what a client has written at a time. */
const REQUEST = /^(GET|POST|PUT|PATCH|DELETE) (\/\S*) HTTP\/1\.1\r\n/;

/** Namespaced resources of the API: the group, the resource, its name, and what of it is meant. */
const RESOURCE =
  /^\/(?:api|apis\/(?<group>[^/]+))\/v1(?:beta1)?\/namespaces\/[^/]+\/(?<kind>[^/?]+)(?:\/(?<name>[^/?]+))?(?:\/(?<sub>[^/?]+))?/;

/**
 * Stands before the API server of the tests' cluster, at a port of this machine's loopback, without TLS:
 * passes everything on with the credentials of the tests, and notes which calls were made.
 */
export class CallJournal implements AsyncDisposable {
  /** How often what was called, in the words of roles: `get pods/log`. */
  readonly counts = new Map<string, number>();
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #open = new Set<Deno.Conn>();
  readonly #passing = new Set<Promise<void>>();
  readonly #serving: Promise<void>;
  readonly #found: FoundCluster;
  readonly #source: CredentialSource;
  #isAway = false;

  private constructor(found: FoundCluster) {
    this.#found = found;
    this.#source = new CredentialSource(found);
    this.#serving = this.#serve();
  }

  static async open(): Promise<CallJournal> {
    return new CallJournal(await findCluster({}));
  }

  /** What was called. */
  get calls(): ReadonlySet<string> {
    return new Set(this.counts.keys());
  }

  get server(): string {
    return `http://127.0.0.1:${this.#listener.addr.port}`;
  }

  /** Breaks off all connections that there are. */
  cut(): void {
    for (const client of this.#open) closeUnlessClosed(client);
  }

  /** Is as an API server that was stopped, until the result is disposed. */
  leave(): Disposable {
    this.#isAway = true;
    this.cut();
    return { [Symbol.dispose]: () => void (this.#isAway = false) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    this.cut();
    await this.#serving;
    await Promise.all(this.#passing);
  }

  async #serve(): Promise<void> {
    for await (const client of this.#listener) {
      if (this.#isAway) {
        client.close();
        continue;
      }
      const passing = this.#pass(client).catch(() => {});
      this.#passing.add(passing);
      passing.then(() => this.#passing.delete(passing));
    }
  }

  async #pass(client: Deno.Conn): Promise<void> {
    this.#open.add(client);
    let server: Duplex | undefined;
    try {
      const credentials = await this.#source.get();
      const { signal } = new AbortController();
      server = await connect(this.#found, { credentials, signal });
      const back = copyBack(server, client);
      await this.#copyThere(client, server);
      await back;
    } finally {
      server?.destroy();
      this.#open.delete(client);
      closeUnlessClosed(client);
    }
  }

  async #copyThere(client: Deno.Conn, server: Duplex): Promise<void> {
    const buffer = new Uint8Array(64 * 1024);
    for (;;) {
      const count = await client.read(buffer).catch(() => null);
      if (count === null) return void server.end();
      const bytes = buffer.slice(0, count);
      this.#note(new TextDecoder("latin1").decode(bytes.subarray(0, 4096)));
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      server.write(bytes, (error) => error ? reject(error) : resolve());
      await promise;
    }
  }

  #note(text: string): void {
    const [, method, path] = REQUEST.exec(text) ?? [];
    const resource = path && RESOURCE.exec(path)?.groups;
    if (!resource) return;
    const { group, kind, name, sub } = resource;
    const what = `${group === undefined ? "" : `${group}/`}${kind}${sub ? `/${sub}` : ""}`;
    const call = `${verb(method!, { path, name })} ${what}`;
    this.counts.set(call, (this.counts.get(call) ?? 0) + 1);
  }
}

function verb(
  method: string,
  { path, name }: { readonly path: string; readonly name: string | undefined },
): string {
  const isWatch = new URL(path, "http://here").searchParams.has("watch");
  if (method === "GET") return name !== undefined ? "get" : isWatch ? "watch" : "list";
  if (method === "DELETE") return name !== undefined ? "delete" : "deletecollection";
  return method === "POST" ? "create" : method === "PUT" ? "update" : "patch";
}

async function copyBack(server: Duplex, client: Deno.Conn): Promise<void> {
  try {
    for await (const part of server) {
      for (let rest = part as Uint8Array; rest.length > 0;) {
        rest = rest.subarray(await client.write(rest));
      }
    }
  } catch {
    // One of them was broken off.
  }
  closeUnlessClosed(client);
}
