import type {
  CallOptions,
  DialTarget,
  HostConnection,
  HostListener,
  HostNetwork,
  ListenOptions,
  ListenTarget,
} from "../host/host.ts";
import { text } from "../wire/shape.ts";
import { AgentCall } from "./agent_call.ts";
import { AgentConnection } from "./agent_connection.ts";
import { AgentListener } from "./agent_listener.ts";
import type { ClientSession } from "./client_session.ts";

/** Connections from and to a host behind an agent. */
export class AgentNetwork implements HostNetwork {
  #session: ClientSession;

  constructor(session: ClientSession) {
    this.#session = session;
  }

  /** Opens a connection from the host. */
  dial(target: DialTarget, { signal }: CallOptions = {}): Promise<HostConnection> {
    return AgentConnection.open(this.#session, { operation: "dial", args: target, signal });
  }

  /** Opens a listener on the host. */
  listen(target: ListenTarget, options?: ListenOptions): Promise<HostListener> {
    return AgentListener.open(this.#session, target, options);
  }

  /** The host's name. */
  async hostname({ signal }: CallOptions = {}): Promise<string> {
    const call = new AgentCall(this.#session, { operation: "hostname", args: {}, signal });
    return text()(await call.outcome, "the name");
  }
}
