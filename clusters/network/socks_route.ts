import type { DialTarget, HostConnection } from "../../agent/host/host.ts";
import type { Route } from "./forward.ts";

/** The parts of SOCKS version 5 (RFC 1928) that the runner's own HTTP client uses. */
const VERSION = 5;
const NO_AUTHENTICATION = 0;
const CONNECT = 1;
const ADDRESS = { ipv4: 1, name: 3, ipv6: 4 };
const GRANTED = 0;
const REFUSED = 5;

/** Names that mean the node itself, whatever its resolver says of them. */
const SELF = new Set(["localhost", "127.0.0.1", "::1"]);

/** Connections go where their client, which speaks SOCKS, asks for. */
export const socksRoute: Route = {
  async target(connection) {
    const reader = connection.readable.getReader();
    try {
      return await readRequest(connection, new ByteReader(reader));
    } finally {
      reader.releaseLock();
    }
  },
  async answer(connection, reached) {
    const address = [ADDRESS.ipv4, 0, 0, 0, 0, 0, 0];
    await write(connection, [VERSION, reached ? GRANTED : REFUSED, 0, ...address]);
  },
};

async function readRequest(connection: HostConnection, input: ByteReader): Promise<DialTarget> {
  const [version, methods] = await input.take(2);
  if (version !== VERSION) throw new Deno.errors.InvalidData("Not a SOCKS client");
  await input.take(methods!);
  await write(connection, [VERSION, NO_AUTHENTICATION]);
  const [, command, , type] = await input.take(4);
  if (command !== CONNECT) throw new Deno.errors.NotSupported("Only connections can be made");
  const hostname = await readHostname(input, type!);
  const [high, low] = await input.take(2);
  const port = high! << 8 | low!;
  return { transport: "tcp", port, ...SELF.has(hostname) ? {} : { hostname } };
}

async function write(connection: HostConnection, bytes: number[]): Promise<void> {
  const writer = connection.writable.getWriter();
  await writer.write(new Uint8Array(bytes));
  writer.releaseLock();
}

async function readHostname(input: ByteReader, type: number): Promise<string> {
  switch (type) {
    case ADDRESS.ipv4:
      return [...await input.take(4)].join(".");
    case ADDRESS.ipv6:
      return ipv6(await input.take(16));
    case ADDRESS.name:
      return new TextDecoder().decode(await input.take((await input.take(1))[0]!));
    default:
      throw new Deno.errors.InvalidData(`Unknown type of address ${type}`);
  }
}

function ipv6(bytes: Uint8Array): string {
  const groups = Array.from({ length: 8 }, (_, i) => (bytes[2 * i]! << 8 | bytes[2 * i + 1]!));
  const text = groups.map((group) => group.toString(16)).join(":");
  return text === "0:0:0:0:0:0:0:1" ? "::1" : text;
}

/** Takes exact numbers of bytes. The client waits for each answer, so there never are more. */
class ByteReader {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  #rest: Uint8Array = new Uint8Array();

  constructor(reader: ReadableStreamDefaultReader<Uint8Array>) {
    this.#reader = reader;
  }

  async take(size: number): Promise<Uint8Array> {
    while (this.#rest.length < size) {
      const { done, value } = await this.#reader.read();
      if (done) throw new Deno.errors.UnexpectedEof("The client closed the connection");
      const joined = new Uint8Array(this.#rest.length + value.length);
      joined.set(this.#rest);
      joined.set(value, this.#rest.length);
      this.#rest = joined;
    }
    const taken = this.#rest.subarray(0, size);
    this.#rest = this.#rest.subarray(size);
    return taken;
  }
}
