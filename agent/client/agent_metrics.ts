import type { CallOptions, FollowMetricsOptions, HostMetrics, HostSample } from "../host/host.ts";
import { hostSample, hostSamples } from "../wire/host_sample.ts";
import { AgentCall } from "./agent_call.ts";
import type { ClientSession } from "./client_session.ts";

/** Bytes that may come before any was asked for: a few samples of a node with many processes. */
const METRICS_CREDIT = 64 * 1024;

/** Characters of a line, in which the samples are that come together. */
const MAX_LINE = 16 * 1024 * 1024;

/** What a host behind an agent uses. */
export class AgentMetrics implements HostMetrics {
  readonly #session: ClientSession;

  constructor(session: ClientSession) {
    this.#session = session;
  }

  /** What it uses now. */
  async sample({ signal }: CallOptions = {}): Promise<HostSample> {
    const call = new AgentCall(this.#session, {
      ...{ operation: "sample", args: {}, signal, signalUntil: "outcome" },
    });
    return hostSample(await call.outcome, "the sample");
  }

  /** What it uses from now on. */
  follow(options: FollowMetricsOptions = {}): ReadableStream<readonly HostSample[]> {
    const { interval, batch, until } = options;
    const credit = [METRICS_CREDIT];
    const args = { interval, batch };
    const call = new AgentCall(this.#session, { operation: "followMetrics", args, credit });
    const reader = call.channel.incoming(1).readable.getReader();
    const end = () => void call.request({ end: true }).catch(() => {});
    until?.addEventListener("abort", end);
    if (until?.aborted) end();
    const forget = () => until?.removeEventListener("abort", end);
    call.outcome.then(forget, forget);
    const lines = new SampleLines((why) =>
      this.#session.fail(`the agent broke the protocol: ${why}`)
    );
    return new ReadableStream({
      pull: async (controller) => {
        for (;;) {
          const next = lines.next();
          if (next) return controller.enqueue(next);
          const { done, value } = await reader.read();
          if (done) break;
          lines.add(value);
        }
        // Why it has ended, if that was by a failure.
        await call.outcome;
        controller.close();
      },
      cancel: () => call.close(),
    }, { highWaterMark: 0 });
  }
}

/** Takes lines apart that come in pieces, and checks what is in them. */
class SampleLines {
  readonly #onViolation: (why: string) => void;
  readonly #decoder = new TextDecoder();
  #rest = "";

  constructor(onViolation: (why: string) => void) {
    this.#onViolation = onViolation;
  }

  add(bytes: Uint8Array<ArrayBuffer>): void {
    this.#rest += this.#decoder.decode(bytes, { stream: true });
    if (this.#rest.length > MAX_LINE) this.#refuse(new RangeError("a line of samples is too long"));
  }

  /** The samples of the next line, once it is whole. */
  next(): readonly HostSample[] | undefined {
    const end = this.#rest.indexOf("\n");
    if (end < 0) return undefined;
    const line = this.#rest.slice(0, end);
    this.#rest = this.#rest.slice(end + 1);
    try {
      return hostSamples(JSON.parse(line), "the samples");
    } catch (error) {
      this.#refuse(error as Error);
    }
  }

  #refuse(error: Error): never {
    this.#onViolation(error.message);
    throw error;
  }
}
