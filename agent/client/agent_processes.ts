import type {
  CallOptions,
  FollowOptions,
  HostProcess,
  HostProcesses,
  OutputFeed,
  ProcessSpec,
  StartOptions,
} from "../host/host.ts";
import { AgentCall } from "./agent_call.ts";
import { AgentOutputFeed } from "./agent_output_feed.ts";
import { AgentProcess } from "./agent_process.ts";
import type { ClientSession } from "./client_session.ts";

/** Processes of a host behind an agent. */
export class AgentProcesses implements HostProcesses {
  #session: ClientSession;

  constructor(session: ClientSession) {
    this.#session = session;
  }

  /** Resolves once the process runs, after one round trip. Aborting kills it. */
  start(spec: ProcessSpec, { signal, follow }: StartOptions = {}): Promise<HostProcess> {
    const session = this.#session;
    if (!follow) return AgentProcess.start(session, spec, { signal });
    const { feed, key } = follow;
    if (!(feed instanceof AgentOutputFeed && feed.isOf(session))) {
      throw new TypeError("Cannot follow a process: the feed is not one of this host");
    }
    return AgentProcess.start(session, spec, { signal, follow: { feed, key } });
  }

  /** A session has one feed: a second one fails when it is read. */
  follow(options?: FollowOptions): OutputFeed {
    return new AgentOutputFeed(this.#session, options);
  }

  /** Resolves when they have ended, and when what they wrote last is here as far as it is read. */
  async end(options: CallOptions = {}): Promise<void> {
    await this.#ask("end", options);
    // Outputs may be overtaken by the answer to one question, but not by that to a second one.
    await this.#ask("hostname", options);
  }

  /** Resolves when all of them are gone. */
  kill(options: CallOptions = {}): Promise<void> {
    return this.#ask("kill", options);
  }

  async #ask(operation: string, { signal }: CallOptions): Promise<void> {
    await new AgentCall(this.#session, { operation, args: {}, signal }).outcome;
  }
}
