import { unlessAborted } from "../../../agent/unless_aborted.ts";
import { type ApiCall, ApiError, readStatus } from "./api_error.ts";
import { ChannelSocket, type ServerAccess } from "./channel_socket.ts";

/** Protocols, best first: the fifth can end the input of a command. */
const PROTOCOLS = ["v5.channel.k8s.io", "v4.channel.k8s.io"];

/** The streams of a command. */
const CHANNEL = { stdin: 0, stdout: 1, stderr: 2, status: 3, close: 255 } as const;

/** Characters of each output that are kept: the last ones. */
const MAX_OUTPUT = 1024 * 1024;

/** Bytes of its input that are sent at a time. */
const CHUNK = 64 * 1024;

/** An input whose length is known before. */
export interface CountedInput {
  readonly stream: ReadableStream<Uint8Array>;
  readonly length: number;
}

/** A command in a container of a pod. */
export interface ExecOptions {
  readonly pod: string;
  readonly container: string;
  /** Its words. */
  readonly command: readonly string[];
  /**
   * What it reads. Older servers cannot end an input without losing the output, so the command has to
   * know how much it gets, as `head -c 1000` does. @default nothing
   */
  readonly stdin?: Uint8Array | CountedInput | undefined;
  /** Aborting ends the connection; what the command does then is for the container. */
  readonly signal: AbortSignal;
}

/** How a command has ended. */
export interface ExecResult {
  readonly code: number;
  /** The last mebibyte. */
  readonly stdout: string;
  /** The last mebibyte. */
  readonly stderr: string;
}

/**
 * Runs a command, and waits for its end.
 *
 * @throws {ApiError} if it cannot be started, or the connection breaks off.
 */
export async function execInPod(
  access: ServerAccess,
  call: ApiCall,
  { container, command, stdin, signal }: ExecOptions,
): Promise<ExecResult> {
  const query = new URLSearchParams({ container, stdout: "true", stderr: "true" });
  if (stdin !== undefined) query.set("stdin", "true");
  for (const word of command) query.append("command", word);
  const outputs = { stdout: new KeptText(), stderr: new KeptText() };
  const { promise: status, resolve } = Promise.withResolvers<string>();
  using socket = await ChannelSocket.open(access, call, {
    protocols: PROTOCOLS,
    query,
    signal,
    onMessage: (channel, data) => {
      if (channel === CHANNEL.stdout) outputs.stdout.add(data);
      else if (channel === CHANNEL.stderr) outputs.stderr.add(data);
      else if (channel === CHANNEL.status && data.length > 0) {
        resolve(new TextDecoder().decode(data));
      }
    },
  });
  const { promise: misfed, reject: misfeed } = Promise.withResolvers<never>();
  if (stdin !== undefined) {
    // A command that ends early does not take the rest; its status says why.
    feed(socket, stdin).catch((error) => error instanceof RangeError && misfeed(error));
  }
  const brokenOff = socket.closed.then((said) => {
    throw new ApiError(call, { message: `the connection has broken off: ${said}` });
  });
  const said = await unlessAborted(Promise.race([status, misfed, brokenOff]), signal);
  return {
    code: exitCode(call, said),
    stdout: outputs.stdout.text,
    stderr: outputs.stderr.text,
  };
}

async function feed(socket: ChannelSocket, stdin: Uint8Array | CountedInput): Promise<void> {
  const stream = stdin instanceof Uint8Array ? [stdin] : stdin.stream;
  let left = stdin.length;
  for await (const part of stream) {
    if (part.length > left) {
      throw new RangeError("Cannot send an input: it is longer than was said");
    }
    left -= part.length;
    for (let at = 0; at < part.length; at += CHUNK) {
      await socket.send(CHANNEL.stdin, part.subarray(at, at + CHUNK));
    }
  }
  if (left > 0) throw new RangeError("Cannot send an input: it is shorter than was said");
  if (socket.protocol.startsWith("v5")) {
    await socket.send(CHANNEL.close, Uint8Array.of(CHANNEL.stdin));
  }
}

function exitCode(call: ApiCall, said: string): number {
  const { message, reason, details, ...rest } = readStatus(said);
  if ((rest as { status?: string }).status === "Success") return 0;
  const exit = details?.causes?.find((cause) => cause.reason === "ExitCode");
  if (exit?.message !== undefined) return Number(exit.message);
  throw new ApiError(call, { message: message ?? said, reason });
}

/** The end of a text that comes in parts. */
class KeptText {
  readonly #decoder = new TextDecoder();
  #text = "";

  get text(): string {
    return this.#text;
  }

  add(data: Uint8Array): void {
    this.#text = (this.#text + this.#decoder.decode(data, { stream: true })).slice(-MAX_OUTPUT);
  }
}
