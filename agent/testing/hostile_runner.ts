import { connect as connectTcp, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { openSocket } from "../client/agent_socket.ts";
import { pinnedTls } from "../client/agent_tls.ts";
import { decodePacket, encodeJson, encodePacket, FrameType } from "../wire/frame.ts";
import { encodeHello } from "../wire/hello.ts";
import type { WebSocket } from "../wire/web_socket.ts";
import type { EnrolledAgent } from "./connected_agent.ts";
import type { Act, Ending } from "./hostile_requests.ts";

/** A channel that no other request uses. */
const LAST_CHANNEL = 0xfffffff0;

/** Milliseconds within which the agent answers or closes. */
const PATIENCE = 30_000;

type Enrolled = Pick<EnrolledAgent, "known" | "runner">;

/** What one hostile runner does. */
export interface HostileSession {
  /** `"proper"`, nothing, or something in the place of a HELLO. */
  readonly hello: unknown;
  readonly acts: readonly Act[];
  readonly ending: Ending;
}

/**
 * Plays a session. Resolves when the agent has answered a last request or closed the connection;
 * rejects when it does neither.
 */
export async function playSession(
  enrolled: Enrolled,
  { hello, acts, ending }: HostileSession,
): Promise<void> {
  const id = crypto.randomUUID().replaceAll("-", "");
  const socket = await open(enrolled);
  if (hello === "proper") socket.send(encodeHello({ session: id, resume: false, received: 0 }));
  else if (hello !== undefined) socket.send(helloOf(hello));
  for (const act of acts) perform(socket, act);
  // Bytes that begin a frame may swallow what follows, and silence is answered only after a while.
  const isAnswered = hello !== undefined && !acts.some(({ kind }) => kind === "raw");
  if (isAnswered) await answered(socket);
  await leave(socket, ending);
  if (hello === "proper" && ending !== "close") await forget(enrolled, id);
}

/** Sends bytes over TLS with the runner's certificate, or without; then leaves. */
export async function playRequest(
  { known, runner }: Enrolled,
  { bytes, tls, ending }: { bytes: string; tls: boolean; ending: Ending },
): Promise<void> {
  const { hostname: host, port } = known;
  const socket: Socket = tls
    ? connectTls({ host, port, ...pinnedTls(runner, known) })
    : connectTcp({ host, port });
  // Errors are what it asks for; they are followed by the close.
  socket.on("error", () => {});
  const closed = new Promise((resolve) => socket.once("close", resolve));
  const opened = new Promise((resolve) => socket.once(tls ? "secureConnect" : "connect", resolve));
  await Promise.race([opened, closed]);
  socket.resume();
  if (ending === "half-close") socket.end(bytes);
  else await Promise.race([new Promise((sent) => socket.write(bytes, sent)), closed]);
  socket.destroy();
  await closed;
}

function open({ known, runner }: Enrolled): Promise<WebSocket> {
  const signal = AbortSignal.timeout(PATIENCE);
  return openSocket(known, "/v1/session", { tls: pinnedTls(runner, known), signal });
}

function perform(socket: WebSocket, act: Act): void {
  if (act.kind === "raw") rawSocketOf(socket)?.write(act.bytes);
  else socket.send(act.kind === "text" ? act.text : act.bytes, () => {});
}

function helloOf(value: unknown): Uint8Array {
  return encodePacket({ type: FrameType.hello, stream: 0, channel: 0, payload: encodeJson(value) });
}

async function answered(socket: WebSocket): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const timer = setTimeout(() => reject(new Error("it neither answers nor closes")), PATIENCE);
  socket.once("close", () => resolve());
  socket.on("message", (data: Uint8Array<ArrayBuffer>) => {
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    const isAnswer = decodePacket(bytes).some(({ type, channel }) =>
      type === FrameType.close && channel === LAST_CHANNEL
    );
    if (isAnswer) resolve();
  });
  const payload = encodeJson({ operation: "hostname", args: {} });
  const request = { type: FrameType.open, stream: 0, channel: LAST_CHANNEL, payload };
  socket.send(encodePacket(request), () => {});
  await promise.finally(() => clearTimeout(timer));
}

async function leave(socket: WebSocket, ending: Ending): Promise<void> {
  if (socket.readyState === socket.CLOSED) return;
  const closed = new Promise((resolve) => socket.once("close", resolve));
  if (ending === "close") socket.close(1000);
  if (ending === "half-close") rawSocketOf(socket)?.end();
  if (ending !== "close") socket.terminate();
  const timer = setTimeout(() => socket.terminate(), PATIENCE);
  await closed;
  clearTimeout(timer);
}

/** The agent keeps a session that was cut for its runner: this runner comes back to end it. */
async function forget(enrolled: Enrolled, id: string): Promise<void> {
  const socket = await open(enrolled);
  socket.send(encodeHello({ session: id, resume: true, received: 0 }));
  await leave(socket, "close");
}

/** What the socket writes to; the class does not export it. */
function rawSocketOf(socket: WebSocket): Socket | undefined {
  return (socket as unknown as { _socket?: Socket })._socket;
}
