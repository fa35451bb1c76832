import type {
  HostProcess,
  LogTail,
  OutputLog,
  OutputMode,
  ProcessSpec,
  ProcessStatus,
  TerminalSize,
} from "../host/host.ts";
import { closedWritable, emptyReadable } from "../host/empty_streams.ts";
import { hasStream } from "../wire/has_stream.ts";
import { nothingToPause } from "../host/nothing_to_pause.ts";
import { INITIAL_CREDIT } from "../wire/protocol.ts";
import { integer, list, record } from "../wire/shape.ts";
import { AgentCall } from "./agent_call.ts";
import { HostLostError } from "./host_lost_error.ts";
import type { AgentOutputFeed } from "./agent_output_feed.ts";
import type { ClientSession } from "./client_session.ts";
import { statusShape } from "../wire/process_status.ts";
import { writableTo } from "./writable_to.ts";

const startedShape = record({ pid: integer() });
const endedShape = record({ status: statusShape });
const logShape = record({ dropped: list(integer(), 2) });

type Output = ReadableStream<Uint8Array<ArrayBuffer>>;

/** How a process behind an agent is started. */
interface AgentProcessOptions {
  readonly signal?: AbortSignal | undefined;
  readonly follow?: { readonly feed: AgentOutputFeed; readonly key: number } | undefined;
}

/** A process of a host behind an agent. */
export class AgentProcess implements HostProcess {
  readonly pid: number;
  readonly stdin: WritableStream<Uint8Array>;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly status: Promise<ProcessStatus>;
  #session: ClientSession;
  #call: AgentCall;
  #hasEnded = false;

  private constructor(
    session: ClientSession,
    call: AgentCall,
    { pid, spec, status }: { pid: number; spec: ProcessSpec; status: Promise<ProcessStatus> },
  ) {
    this.#session = session;
    this.#call = call;
    this.pid = pid;
    this.stdin = spec.stdin === "piped" ? writableTo(call.channel) : closedWritable();
    this.stdout = hasStream(spec.stdout) ? call.channel.incoming(1).readable : emptyReadable();
    this.stderr = hasStream(spec.stderr) ? call.channel.incoming(2).readable : emptyReadable();
    this.status = status;
    status.then(() => this.#hasEnded = true, () => this.#hasEnded = true);
  }

  /**
   * Starts a process. Credit for outputs that are piped goes with the request, so that their bytes
   * come without being asked for again.
   */
  static async start(
    session: ClientSession,
    spec: ProcessSpec,
    { signal, follow }: AgentProcessOptions = {},
  ): Promise<AgentProcess> {
    const { promise: status, resolve, reject } = Promise.withResolvers<ProcessStatus>();
    status.catch(() => {});
    const call = new AgentCall(session, {
      operation: "start",
      args: follow ? { ...spec, follow: true } : spec,
      credit: [initialCredit(spec.stdout), initialCredit(spec.stderr)],
      signal,
      onEvent: (value) => resolve(endedShape(value, "the event").status),
    });
    // After the status this does nothing; before it, it is the loss of the host.
    call.outcome.then(() => reject(new Deno.errors.UnexpectedEof("no status came")), reject);
    const { id } = call.channel;
    follow?.feed.add(id, follow.key, [spec.stdout, spec.stderr].filter(hasStream).length);
    call.opened.catch(() => follow?.feed.remove(id));
    const { pid } = startedShape(await call.opened, "the event");
    return new AgentProcess(session, call, { pid, spec, status });
  }

  /** Sends a signal to the whole group; does nothing once every process of it has ended. */
  async kill(signal: Deno.Signal): Promise<void> {
    if (!this.#call.channel.closed) await this.#call.request({ kill: signal });
  }

  /** Stops all of it. */
  async pause(): Promise<void> {
    if (this.#call.channel.closed) throw nothingToPause();
    await this.#call.request({ pause: true });
  }

  /** Lets all of it go on; does nothing once it was disposed of. */
  async resume(): Promise<void> {
    if (!this.#call.channel.closed) await this.#call.request({ resume: true });
  }

  /** Changes the size of its terminal; does nothing once it has ended. */
  async resize(size: TerminalSize): Promise<void> {
    if (!this.#call.channel.closed) await this.#call.request({ resize: size });
  }

  /** The latest bytes of both outputs. */
  async log(): Promise<OutputLog> {
    const args = { process: this.#call.channel.id };
    const credit = [INITIAL_CREDIT, INITIAL_CREDIT];
    const { channel, outcome } = new AgentCall(this.#session, { operation: "log", args, credit });
    const [stdout, stderr, result] = await Promise.all([
      readAll(channel.incoming(1).readable),
      readAll(channel.incoming(2).readable),
      outcome,
    ]);
    const { dropped: [before = 0, beforeErrors = 0] } = logShape(result, "the log");
    return { stdout: tail(stdout, before), stderr: tail(stderr, beforeErrors) };
  }

  /** Kills the group and waits for the end; rejects, and says what stays, when that does not come. */
  async [Symbol.asyncDispose](): Promise<void> {
    const ended = this.#call.end();
    if (this.#hasEnded) return void ended.catch(() => {});
    await ended.catch((error) => {
      if (!(error instanceof HostLostError)) throw error;
    });
  }
}

function initialCredit(mode: OutputMode | undefined): number {
  return mode === "piped" ? INITIAL_CREDIT : 0;
}

async function readAll(stream: Output): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

function tail(bytes: Uint8Array<ArrayBuffer>, dropped: number): LogTail {
  return { bytes, dropped };
}
