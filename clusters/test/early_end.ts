import { startTimer } from "../../agent/timer.ts";
import type { AuthorCall } from "../calls/mod.ts";
import { type Cluster, failCluster, insidesOf } from "../cluster/mod.ts";
import { ongoingLines } from "./ongoing_lines.ts";
import { onAbort } from "./on_abort.ts";
import { TestTimeoutError } from "../errors.ts";
import { latestAwaited } from "./latest_awaited.ts";

/** What may end a test early. */
export interface EarlyEndOptions {
  readonly cluster: Cluster<never>;
  /** Where the test was defined: the error of a time limit is from there if nothing is waited for. */
  readonly call: AuthorCall;
  /** The test's name. */
  readonly test: string;
  /** Milliseconds from now. */
  readonly timeout: number;
  /** Those that give the test up, besides the cluster's. */
  readonly signals: readonly (AbortSignal | undefined)[];
  /** Whether the cluster goes on after the test: then its signal is that of other tests as well. */
  readonly isShared: boolean;
}

/** Ends a test early, unless it is disposed before. */
export class EarlyEnd implements Disposable {
  /** Rejects with the reason. */
  readonly promise: Promise<never>;
  /** The error for a test whose time is over: it takes a moment to find out what was under way. */
  timedOut: Promise<TestTimeoutError> | undefined;
  readonly #options: EarlyEndOptions;
  readonly #started = performance.now();
  readonly #stack = new DisposableStack();
  readonly #end = Promise.withResolvers<never>();

  constructor(options: EarlyEndOptions) {
    const { cluster, timeout, signals } = options;
    this.#options = options;
    this.promise = this.#end.promise;
    this.promise.catch(() => {});
    this.#stack.use(onAbort(cluster.signal, () => this.#clusterEnded()));
    for (const signal of signals) {
      this.#stack.use(onAbort(signal, () => this.#fail(signal!.reason)));
    }
    const timer = startTimer(timeout, () => this.#timeOver());
    this.#stack.defer(() => clearTimeout(timer));
  }

  /** The body has ended: too late, if it kept the thread so busy that the timer could not fire before. */
  bodyEnded(): void {
    const { timeout } = this.#options;
    if (!this.timedOut && performance.now() - this.#started > timeout) this.#timeOver();
  }

  /** From now on, nothing ends the test early. */
  [Symbol.dispose](): void {
    this.#stack.dispose();
  }

  /** A test may dispose of its cluster, and look at what is left. */
  #clusterEnded(): void {
    const { cluster } = this.#options;
    if (!insidesOf(cluster).isDisposed) this.#end.reject(cluster.signal.reason);
  }

  #timeOver(): void {
    this.timedOut = this.#timeoutError();
    this.timedOut.then((error) => this.#fail(error));
  }

  async #timeoutError(): Promise<TestTimeoutError> {
    const { cluster, call, test, timeout } = this.#options;
    const awaited = latestAwaited(cluster);
    const error = new TestTimeoutError(test, { timeout, ongoing: await ongoingLines(cluster) });
    return (awaited?.lendStack(error) ?? call.located(error)) as TestTimeoutError;
  }

  #fail(reason: unknown): void {
    const { cluster, isShared } = this.#options;
    this.#end.reject(reason);
    // What waits for the nodes of a cluster of its own fails at once.
    if (!isShared) failCluster(cluster, reason);
  }
}
