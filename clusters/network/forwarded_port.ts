import type { DialTarget, Host, HostListener } from "../../agent/host/host.ts";
import { AuthorCall, type Member, type NodeContext } from "../calls/mod.ts";
import { Relay } from "./relay.ts";

/** The port that is opened, and where it leads. */
export interface ForwardedPortOptions {
  /** Opens the port: this machine. */
  readonly runner: Host;
  /** The port of this machine; 0 is a free one. */
  readonly port: number;
  readonly context: NodeContext;
  readonly target: DialTarget;
  /** The member that errors name. */
  readonly member: Member;
}

/** A port of this machine's loopback that leads to a node, while that is up. */
export class ForwardedPort implements AsyncDisposable {
  readonly port: number;
  readonly #listener: HostListener;
  readonly #relay: Relay;
  readonly #serving: Promise<void>;
  #closed: Promise<void> | undefined;

  private constructor(listener: HostListener, options: ForwardedPortOptions) {
    this.#listener = listener;
    this.port = (listener.addr as Deno.NetAddr).port;
    this.#relay = relayToNode(options);
    this.#serving = this.#relay.serve(listener);
  }

  /** Opens the port; rejects when it is taken. */
  static async open(options: ForwardedPortOptions): Promise<ForwardedPort> {
    const { runner, port, context } = options;
    const local = { transport: "tcp", hostname: "127.0.0.1", port } as const;
    const onTrouble = (message: string) => context.emit({ type: "warning", message });
    return new ForwardedPort(await runner.network.listen(local, { onTrouble }), options);
  }

  /** Closes the port, and resets every connection that came through it, for this reason. Idempotent. */
  close(reason?: string): Promise<void> {
    return this.#closed ??= this.#close(reason);
  }

  /** As {@linkcode close}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(reason: string | undefined): Promise<void> {
    this.#relay.close(reason);
    await this.#listener[Symbol.asyncDispose]();
    await this.#serving;
    await this.#relay.settled();
  }
}

/** Joins connections with those that the node opens to the target. */
function relayToNode({ context, target, member }: ForwardedPortOptions): Relay {
  const { life, host } = context;
  const name = `forward to ${describeTarget(target)}`;
  return new Relay({
    context,
    target: describeTarget(target),
    dial: (signal) =>
      life.during(
        new AuthorCall(member, { name, signal }),
        (signal) => host().network.dial(target, { signal }),
      ),
    // Waits until the test knows why the node is lost, before clients see their connections reset.
    onFailure: (error) => life.explain(error, new AuthorCall(member, { name })),
  });
}

/** A target, as events name it. */
export function describeTarget(target: DialTarget): string {
  return target.transport === "unix" ? target.path : `${target.hostname ?? ""}:${target.port}`;
}
