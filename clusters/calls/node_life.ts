import type { Emit } from "../events/mod.ts";
import type { LossReason } from "../kit/mod.ts";
import type { OpenWait } from "../concurrency/mod.ts";
import { NodeLostError } from "../errors.ts";
import type { AuthorCall } from "./author_call.ts";
import { Lifeline } from "./lifeline.ts";

/** The name of a node, and of its backend, as errors give them. */
export interface NodeLabel {
  readonly node: string;
  readonly backend: string;
}

/** Something that is told when a node goes down, comes up, and is gone. */
export interface LifeFollower {
  /** The node is down from now on; the call that kills it waits for this. */
  down?(): Promise<void> | void;
  /** The node is up again; the call that has started it waits for this. */
  up?(): Promise<void>;
  /** The node is lost or given back. Nobody waits for this. */
  gone?(): Promise<void> | void;
}

/**
 * The life of a node, until it is lost or given back. It has a {@linkcode Lifeline} for each uptime of the
 * node: what was opened in one cannot be used in the next.
 */
export class NodeLife {
  readonly label: NodeLabel;
  /** Aborts when the test of the node's cluster is over. */
  readonly testOver: AbortSignal | undefined;
  /** The waits that go on, and have called the node. */
  readonly waits: Set<OpenWait> = new Set();
  /** Puts events on the stream of the node's cluster. */
  readonly emit: Emit | undefined;
  readonly #controller = new AbortController();
  readonly #followers = new Set<LifeFollower>();
  #current: Lifeline;
  #loss: LossReason | undefined;
  /** What followers do because the node went down. */
  #goingDown: Promise<unknown> = Promise.resolve();

  constructor(
    label: NodeLabel,
    lost: Promise<LossReason>,
    { testOver, emit }: { readonly testOver?: AbortSignal; readonly emit?: Emit } = {},
  ) {
    this.label = label;
    this.testOver = testOver;
    this.emit = emit;
    this.#current = new Lifeline(this);
    lost.then((reason) => this.end(reason));
  }

  /** Aborts, with a `NodeLostError`, when the node is lost or given back; not when it is down. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** The latest uptime of the node, which may have ended. */
  get current(): Lifeline {
    return this.#current;
  }

  /** Whether the test has killed the node, and not started it again. */
  get isDown(): boolean {
    return this.#current.isDown;
  }

  /** Ends the life of the node. The first reason that is given counts. */
  end(reason: LossReason): void {
    if (this.#loss) return;
    this.#loss = reason;
    this.#current.end();
    this.#controller.abort(this.lossError());
    void this.#tell("gone");
  }

  /** Marks the node as down: everything under way on it fails. */
  goDown(): void {
    if (this.#loss || this.isDown) return;
    this.#current.goDown();
    this.#goingDown = this.#tell("down");
  }

  /**
   * Called when the kill is done: aborts the work of calls that have failed. Resolves when the followers
   * have been told that the node is down.
   */
  async settleDown(): Promise<void> {
    if (this.isDown) this.#current.giveUpWork();
    await this.#goingDown;
  }

  /** Marks the node as up: it can be used again. Resolves when all followers are ready. */
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

  /** Tells the followers. Their failures are ignored. */
  async #tell(event: "down" | "gone"): Promise<void> {
    await Promise.allSettled([...this.#followers].map(async (each) => {
      await each[event]?.();
    }));
  }

  /** Throws if the node is lost or given back, but not if it is down. */
  check(call: AuthorCall): void {
    const error = this.lossError(call);
    if (error) throw call.located(error);
  }

  /** The error of a call that fails because the node is gone; `undefined` if it is not. */
  lossError(call?: AuthorCall): NodeLostError | undefined {
    if (!this.#loss) return undefined;
    const { summary: reason, details = [], cause } = this.#loss;
    const options = cause === undefined ? undefined : { cause };
    return new NodeLostError({ ...this.label, reason, details, call: call?.name }, options);
  }
}
