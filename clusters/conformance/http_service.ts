import type { NodeConnection } from "../network/mod.ts";
import type { Node } from "../node/mod.ts";

/** A request, as far as the cases look at it. */
export interface ReceivedRequest {
  readonly method: string;
  readonly path: string;
  readonly body: string;
}

/** What is answered. */
export interface HttpAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

/**
 * An HTTP service that listens on a node and is answered in the test: the node's image needs no
 * program for it. One request for each connection.
 */
export class HttpService implements AsyncDisposable {
  /** Where it is, for the node itself and for others of its network. */
  readonly url: string;
  /** The port on the node. */
  readonly port: number;
  readonly #close: () => Promise<void>;

  private constructor(url: string, port: number, close: () => Promise<void>) {
    this.url = url;
    this.port = port;
    this.#close = close;
  }

  /** @param where is any port of the node, which other nodes reach too, if it is not given */
  static async start(
    node: Node,
    answer: (request: ReceivedRequest) => HttpAnswer,
    where: { readonly hostname?: string; readonly port?: number } = {},
  ): Promise<HttpService> {
    const listener = await node.listen({ port: 0, ...where });
    const { port } = listener.addr as Deno.NetAddr;
    const conversations: Promise<void>[] = [];
    const accepting = (async () => {
      for await (const connection of listener) {
        // A client may close its connection in the middle.
        conversations.push(converse(connection, answer).catch(() => {}));
      }
    })();
    return new HttpService(`http://${node.address}:${port}`, port, async () => {
      await listener[Symbol.asyncDispose]();
      await accepting;
      await Promise.all(conversations);
    });
  }

  /** Stops listening, and waits for the answers in flight. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#close();
  }
}

async function converse(
  accepted: NodeConnection,
  answer: (request: ReceivedRequest) => HttpAnswer,
): Promise<void> {
  await using connection = accepted;
  const { status = 200, headers = {}, body = "" } = answer(await readRequest(connection));
  const bytes = typeof body === "string" ? new TextEncoder().encode(body) : body;
  const lines = Object.entries({ "content-length": bytes.length, connection: "close", ...headers })
    .map(([name, value]) => `${name}: ${value}\r\n`);
  const head = `HTTP/1.1 ${status} Status\r\n${lines.join("")}\r\n`;
  await connection.write(new TextEncoder().encode(head));
  if (bytes.length > 0) await connection.write(bytes);
  await connection.closeWrite();
  // Until the client has closed too, so that nothing of the answer is reset.
  while (await connection.read(new Uint8Array(1024)) !== null);
}

async function readRequest(connection: NodeConnection): Promise<ReceivedRequest> {
  const decoder = new TextDecoder("latin1");
  const buffer = new Uint8Array(16 * 1024);
  let text = "";
  for (;;) {
    const end = text.indexOf("\r\n\r\n");
    const length = Number(/^content-length: *(\d+)/im.exec(text)?.[1] ?? 0);
    if (end >= 0 && text.length >= end + 4 + length) {
      const [method = "", path = ""] = text.split(" ");
      return { method, path, body: text.slice(end + 4, end + 4 + length) };
    }
    const size = await connection.read(buffer);
    if (size === null) throw new Error("The connection ended before the request did");
    text += decoder.decode(buffer.subarray(0, size));
  }
}
