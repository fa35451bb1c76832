import type { Host } from "../host/host.ts";
import { UntilDone } from "../until_done.ts";
import type { AgentHost } from "./agent_host.ts";
import type { ShellThread } from "../shell/shell_offer.ts";
import type { LossReason } from "./loss_reason.ts";

/** Where an agent is reached. */
export interface AgentRoute {
  /** A name, or an address. */
  readonly hostname: string;
  /** Of TCP. */
  readonly port: number;
}

/** An agent that was enrolled. Disposing ends what was started on it, and the connection. */
export interface FleetAgent extends AsyncDisposable {
  /** What does the work. */
  readonly host: Host;
  /** Has shells served by the thread that keeps its lease. */
  readonly shells: ShellThread;
  /** Ends what was opened through `host`, and opens another session: `host` is a new one then. */
  renew(options: { readonly signal: AbortSignal }): Promise<void>;
  /** Aborts when the session that there is now is about to end for another one. */
  readonly renewing: AbortSignal;
  /** Resolves to `host`, once a renewal that is under way has brought it. */
  renewed(): Promise<Host>;
  /** Resolves, once, to why the agent cannot be reached any more. */
  readonly lost: Promise<LossReason>;
  /** The agent is known to be gone: whatever waits for it fails at once, for this reason. */
  abandon(reason: string): void;
}

/** What leads to an agent. */
export interface AgentAccess {
  /** Opens a session. */
  readonly connect: (signal: AbortSignal) => Promise<AgentHost>;
  /** As {@linkcode FleetAgent.shells}. */
  readonly shells: ShellThread;
  /** Keeps its lease, until it is disposed. */
  readonly lease: Disposable | AsyncDisposable;
}

/** An agent whose lease is kept. */
export class LeasedAgent implements FleetAgent {
  readonly lost: Promise<LossReason>;
  readonly #access: AgentAccess;
  readonly #stack = new AsyncDisposableStack();
  readonly #lose: (reason: LossReason) => void;
  #host: AgentHost;
  #renewing = new AbortController();
  /** Does not reject. */
  #renewal: Promise<void> = Promise.resolve();
  readonly #disposal = new UntilDone(() => this.#dispose());

  constructor(host: AgentHost, access: AgentAccess) {
    const { promise, resolve } = Promise.withResolvers<LossReason>();
    this.lost = promise;
    this.#lose = resolve;
    this.#access = access;
    this.#host = this.#adopt(host);
    this.#stack.use(access.lease);
  }

  get host(): AgentHost {
    return this.#host;
  }

  get renewing(): AbortSignal {
    return this.#renewing.signal;
  }

  get shells(): ShellThread {
    return this.#access.shells;
  }

  async renewed(): Promise<AgentHost> {
    await this.#renewal;
    return this.#host;
  }

  async renew({ signal }: { readonly signal: AbortSignal }): Promise<void> {
    const renewal = this.#renew(signal);
    this.#renewal = renewal.catch(() => {});
    await renewal;
  }

  /** The agent has made another connection: the session goes on there. */
  reconnect(): void {
    this.#host.reconnect();
  }

  /** Calls `callback` at the end of the connection, and waits for what it returns. */
  defer(callback: () => unknown): void {
    this.#stack.defer(async () => void await callback());
  }

  abandon(reason: string): void {
    this.#host.fail(reason);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#disposal.run();
  }

  async #renew(signal: AbortSignal): Promise<void> {
    this.#renewing.abort(new Deno.errors.Interrupted("the session ends for another one"));
    this.#renewing = new AbortController();
    await this.#host[Symbol.asyncDispose]();
    this.#host = this.#adopt(await this.#access.connect(signal));
  }

  async #dispose(): Promise<void> {
    try {
      await this.#host[Symbol.asyncDispose]();
    } finally {
      await this.#stack.disposeAsync();
    }
  }

  #adopt(host: AgentHost): AgentHost {
    host.lost.then(this.#lose);
    return host;
  }
}
