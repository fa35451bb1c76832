import { closeUnlessClosed } from "../../../agent/close_unless_closed.ts";
import { connectTcp } from "../../../agent/connect_tcp.ts";
import type { Target } from "./choose_proxy.ts";

/** Bytes of a proxy's answer at most. */
const MAX_ANSWER = 16 * 1024;

/** What a SOCKS server says. */
const SOCKS_REFUSALS: Readonly<Record<number, string>> = {
  2: "it does not allow that",
  3: "the network cannot be reached",
  4: "the host cannot be reached",
  5: "the connection was refused",
};

/** Port of a proxy whose URL names none. */
const PORTS: Readonly<Record<string, number>> = { "http:": 80, "https:": 443 };

/** Connects to a proxy, and has it connect to the target: what the result carries is the target's. */
export async function connectByProxy(
  proxy: URL,
  target: Target,
  signal: AbortSignal,
): Promise<Deno.Conn> {
  const hostname = proxy.hostname.replace(/^\[|\]$/g, "");
  const port = Number(proxy.port) || (PORTS[proxy.protocol] ?? 1080);
  let connection: Deno.Conn | undefined;
  const close = () => connection && closeUnlessClosed(connection);
  signal.addEventListener("abort", close, { once: true });
  try {
    const reached = await connectTcp({ hostname, port, signal });
    connection = reached;
    if (proxy.protocol === "https:") connection = await Deno.startTls(reached, { hostname });
    signal.throwIfAborted();
    if (proxy.protocol.startsWith("socks")) await askSocks(connection, proxy, target);
    else await askHttp(connection, proxy, target);
    return connection;
  } catch (cause) {
    close();
    if (signal.aborted) throw signal.reason;
    const said = (cause as Error).message;
    throw new Error(`the proxy ${proxy.host} does not connect: ${said}`, { cause });
  } finally {
    signal.removeEventListener("abort", close);
  }
}

async function askHttp(connection: Deno.Conn, proxy: URL, target: Target): Promise<void> {
  const where = `${bracketed(target.hostname)}:${target.port}`;
  const login = proxy.username &&
    `Proxy-Authorization: Basic ${
      btoa(`${decoded(proxy.username)}:${decoded(proxy.password)}`)
    }\r\n`;
  await writeAll(connection, `CONNECT ${where} HTTP/1.1\r\nHost: ${where}\r\n${login}\r\n`);
  const answer = await readHead(connection);
  const status = /^HTTP\/1\.[01] (\d{3})[^\r]*/.exec(answer);
  if (!status) throw new Error("it is no proxy");
  if (status[1] !== "200") throw new Error(`it says ${status[0].slice(9)}`);
}

async function askSocks(connection: Deno.Conn, proxy: URL, target: Target): Promise<void> {
  const name = new TextEncoder().encode(target.hostname);
  await writeAll(connection, Uint8Array.of(5, 1, proxy.username ? 2 : 0));
  const [version, method] = await readExactly(connection, 2);
  if (version !== 5) throw new Error("it is no SOCKS 5 proxy");
  if (method === 2) await logIn(connection, proxy);
  else if (method !== 0) throw new Error("it wants another login");
  const port = [target.port >> 8, target.port & 255];
  await writeAll(connection, Uint8Array.of(5, 1, 0, 3, name.length, ...name, ...port));
  const [, refusal, , kind] = await readExactly(connection, 4);
  if (refusal) throw new Error(SOCKS_REFUSALS[refusal] ?? `it fails with code ${refusal}`);
  const length = kind === 1 ? 4 : kind === 4 ? 16 : (await readExactly(connection, 1))[0]!;
  await readExactly(connection, length + 2);
}

async function logIn(connection: Deno.Conn, proxy: URL): Promise<void> {
  const encoder = new TextEncoder();
  const name = encoder.encode(decoded(proxy.username));
  const password = encoder.encode(decoded(proxy.password));
  const login = [1, name.length, ...name, password.length, ...password];
  await writeAll(connection, Uint8Array.from(login));
  const [, refusal] = await readExactly(connection, 2);
  if (refusal) throw new Error("it does not accept the login");
}

/** Byte by byte: what comes after the answer is the target's. */
async function readHead(connection: Deno.Conn): Promise<string> {
  let head = "";
  while (!head.endsWith("\r\n\r\n")) {
    if (head.length > MAX_ANSWER) throw new Error("it is no proxy");
    head += String.fromCharCode((await readExactly(connection, 1))[0]!);
  }
  return head;
}

async function readExactly(connection: Deno.Conn, count: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(count);
  for (let filled = 0; filled < count;) {
    const read = await connection.read(bytes.subarray(filled));
    if (read === null) throw new Error("it has closed the connection");
    filled += read;
  }
  return bytes;
}

async function writeAll(connection: Deno.Conn, data: string | Uint8Array): Promise<void> {
  let rest = typeof data === "string" ? new TextEncoder().encode(data) : data;
  while (rest.length > 0) rest = rest.subarray(await connection.write(rest));
}

function bracketed(hostname: string): string {
  return hostname.includes(":") ? `[${hostname}]` : hostname;
}

function decoded(part: string): string {
  return decodeURIComponent(part);
}
