import type { HostProcess } from "../../agent/host/host.ts";
import type { AuthorCall } from "../calls/mod.ts";
import type { CommandEnd, Emit } from "../events/mod.ts";
import { EssentialProcessError } from "../errors.ts";
import type { EndRequests } from "./end_requests.ts";

/** What the essential processes of a node need to know of it. */
export interface EssentialContext {
  readonly node: string;
  readonly backend: string;
  readonly emit: Emit;
  /** Says that the test is over, for a reason. */
  readonly failTest: (reason: unknown) => void;
}

/** An essential process that was started. */
export interface EssentialProcess {
  readonly process: Pick<HostProcess, "status">;
  /** Unique in the cluster. */
  readonly number: number;
  readonly command: readonly string[];
  readonly requests: EndRequests;
  /** The call that started it. */
  readonly call: AuthorCall;
  /** How it ended, with what it wrote last. */
  readonly end: Promise<CommandEnd>;
}

/** Processes of a node without which the test means nothing: when one ends, the test is over. */
export class EssentialProcesses {
  readonly #context: EssentialContext;
  readonly #running = new Set<EssentialProcess>();

  constructor(context: EssentialContext) {
    this.#context = context;
  }

  /** The test ends all that runs on the node by now. */
  expectEnds(): void {
    for (const { requests } of this.#running) requests.add();
  }

  /** Resolves when the process has ended, and the test was failed if nobody had asked for that. */
  async watch(essential: EssentialProcess): Promise<void> {
    this.#running.add(essential);
    const { requests, process } = essential;
    const ended = await process.status.then(
      (status) => ({ isExpected: requests.explain(status), cause: undefined, ...status }),
      (cause) => ({ isExpected: requests.explain(undefined), cause }),
    );
    this.#running.delete(essential);
    if (!ended.isExpected) this.#fail(essential, { ...ended, ...await essential.end });
  }

  #fail(
    { number, command, call }: EssentialProcess,
    { code, signal, elapsed, stdout, stderr, ...rest }: CommandEnd & EndDetail,
  ): void {
    const { node, backend, emit, failTest } = this.#context;
    const end = { code, signal, elapsed, stdout, stderr };
    const { cause, outOfMemory } = rest;
    emit({
      type: "essential-process-ended",
      node,
      process: `process${number}`,
      command,
      ...outOfMemory && { outOfMemory },
      ...end,
    });
    const error = new EssentialProcessError(
      { node, backend, command, outOfMemory, ...end },
      cause === undefined ? undefined : { cause },
    );
    failTest(call.located(error));
  }
}

/** What is known of an end besides its event. */
interface EndDetail {
  /** Why nothing is known of the process itself. */
  readonly cause: unknown;
  readonly outOfMemory?: true | undefined;
}
