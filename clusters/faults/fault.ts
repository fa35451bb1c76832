import { AuthorCall, type NodeCallOptions, shownAs } from "../calls/mod.ts";
import type { FaultProof } from "../events/mod.ts";

/** A fault that was made, of whatever kind. */
export interface InjectedFault {
  /** What probes have shown; `undefined` if nothing was to be shown. */
  readonly proof: FaultProof | undefined;
  /** Whether it is gone. */
  readonly isHealed: boolean;
  /** Ends it, and shows that. Idempotent. */
  heal(signal?: AbortSignal): Promise<void>;
  /** An error that says, once, that it has ended before. @default it has not */
  takeLoss?(): Error | undefined;
}

/**
 * A fault that is there: made by `cluster.faults`. It ends with {@linkcode Fault.heal}, at
 * the end of its scope, with its cluster, and with whatever process it depends on.
 */
export class Fault implements AsyncDisposable {
  /** What was done, and to which nodes, as its events have it: `"partition node1 from node2, node3"`. */
  readonly action: string;
  readonly #fault: InjectedFault;

  /** @ignore */
  constructor(action: string, fault: InjectedFault) {
    this.action = action;
    this.#fault = fault;
    shownAs(this, (inspect) => `Fault ${inspect({ action, isHealed: this.isHealed })}`);
  }

  /** What probes have shown; `undefined` with `proof: false`. */
  get proof(): FaultProof | undefined {
    return this.#fault.proof;
  }

  /** Whether all is as before, as far as this fault is concerned. */
  get isHealed(): boolean {
    return this.#fault.isHealed;
  }

  /**
   * Lets packets pass again, or gives nodes what they had. Resolves once probes have shown it, unless the fault was made with
   * `proof: false`; connections that are open go on when TCP sends again, which may take as long again as
   * the fault did. Throws a {@linkcode FaultProofError} when the probes do not pass, and an error when the fault was
   * lost before, on a node that is still there: what made it has ended by itself. Idempotent. Aborting
   * while other faults have their turns leaves the fault as it is; later, it gives up the probes alone.
   */
  async heal(options: NodeCallOptions = {}): Promise<void> {
    const call = new AuthorCall(this.heal, { on: "fault", options });
    await call.during(async () => {
      await this.#fault.heal(options.signal);
      const loss = this.#fault.takeLoss?.();
      if (loss) throw loss;
    });
  }

  /**
   * As {@linkcode heal}, but does not throw: what fails is only told, by a `fault-healed` event. An error at
   * the end of a scope would hide why the test has failed, of which the runtime shows nothing then. A fault
   * that was lost before fails a `clusterTest()` when its body has ended.
   */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#fault.heal().catch(() => {});
  }
}
