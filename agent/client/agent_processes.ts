import type { CallOptions, HostProcess, HostProcesses, ProcessSpec } from "../host/host.ts";
import { AgentCall } from "./agent_call.ts";
import { AgentProcess } from "./agent_process.ts";
import type { ClientSession } from "./client_session.ts";

/** Processes of a host behind an agent. */
export class AgentProcesses implements HostProcesses {
  #session: ClientSession;

  constructor(session: ClientSession) {
    this.#session = session;
  }

  /** Resolves once the process runs, after one round trip. Aborting kills it. */
  start(spec: ProcessSpec, options: CallOptions = {}): Promise<HostProcess> {
    return AgentProcess.start(this.#session, spec, options.signal);
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
