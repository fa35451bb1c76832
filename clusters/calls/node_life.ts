import type { LossReason } from "../kit/mod.ts";
import { NodeLostError } from "../errors.ts";
import type { AuthorCall } from "./author_call.ts";
import { Lifeline } from "./lifeline.ts";

/** The name of a node, and of its backend, as errors give them. */
export interface NodeLabel {
  readonly node: string;
  readonly backend: string;
}

/** What follows a node through its lives. */
export interface LifeFollower {
  /** The node is down from now on; the call that kills it waits for this. */
  down?(): Promise<void> | void;
  /** The node is up again; the call that has started it waits for this. */
  up?(): Promise<void>;
  /** The node is lost or given back. Nobody waits for this. */
  gone?(): Promise<void> | void;
}

/**
 * The life of a node, until it is lost. It has a {@linkcode Lifeline} for each time that the node is up:
 * what was opened in one of them is of no use in the next.
 */
export class NodeLife {
  readonly label: NodeLabel;
  /** Aborts when the test of the node's cluster is over. */
  readonly testOver: AbortSignal | undefined;
  readonly #controller = new AbortController();
  readonly #followers = new Set<LifeFollower>();
  #current: Lifeline;
  #loss: LossReason | undefined;
  /** What its followers do since it went down. */
  #goingDown: Promise<unknown> = Promise.resolve();

  constructor(
    label: NodeLabel,
    lost: Promise<LossReason>,
    { testOver }: { readonly testOver?: AbortSignal } = {},
  ) {
    this.label = label;
    this.testOver = testOver;
    this.#current = new Lifeline(this);
    lost.then((reason) => this.end(reason));
  }

  /** Aborts, with a `NodeLostError`, when the node is lost or given back; not when it is down. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** The latest time that the node is up, or was. */
  get current(): Lifeline {
    return this.#current;
  }

  /** Whether the test has killed the node, and not started it again. */
  get isDown(): boolean {
    return this.#current.isDown;
  }

  /** The node is gone, for this reason; a reason that was given before stays. */
  end(reason: LossReason): void {
    if (this.#loss) return;
    this.#loss = reason;
    this.#current.end();
    this.#controller.abort(this.lossError());
    void this.#tell("gone");
  }

  /** Everything under way on the node fails from now on, until it comes up. */
  goDown(): void {
    if (this.#loss || this.isDown) return;
    this.#current.goDown();
    this.#goingDown = this.#tell("down");
  }

  /**
   * The node does not run any more what it ran: what is left of calls that have failed is given up. Resolves
   * once what follows the node has heard that it is down.
   */
  async settleDown(): Promise<void> {
    if (this.isDown) this.#current.giveUpWork();
    await this.#goingDown;
  }

  /** The node can be used again. Resolves once everything that follows it can be, too. */
  async comeUp(): Promise<void> {
    if (this.#loss || !this.isDown) return;
    this.#current = new Lifeline(this);
    await Promise.all([...this.#followers].map((follower) => follower.up?.()));
  }

  /** Tells `follower` what becomes of the node from now on, until the result is disposed. */
  follow(follower: LifeFollower): Disposable {
    this.#followers.add(follower);
    return { [Symbol.dispose]: () => void this.#followers.delete(follower) };
  }

  /** What fails in a follower fails nothing else. */
  async #tell(event: "down" | "gone"): Promise<void> {
    await Promise.allSettled([...this.#followers].map(async (each) => {
      await each[event]?.();
    }));
  }

  /** Throws if the node is gone. One that is down is not. */
  check(call: AuthorCall): void {
    const error = this.lossError(call);
    if (error) throw call.located(error);
  }

  /** That the node is gone, if it is, for a call that it has failed. */
  lossError(call?: AuthorCall): NodeLostError | undefined {
    if (!this.#loss) return undefined;
    const { summary: reason, details = [], cause } = this.#loss;
    const options = cause === undefined ? undefined : { cause };
    return new NodeLostError({ ...this.label, reason, details, call: call?.name }, options);
  }
}
