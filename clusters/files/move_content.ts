import { pump } from "../../agent/host/pump.ts";
import { unlessAborted } from "../concurrency/mod.ts";
import { OngoingWork, type TransferEvent } from "../events/mod.ts";
import { type NodeContext, pour, SourceFailure } from "../calls/mod.ts";
import { emittedTransfer } from "./transfer_events.ts";

/** Bytes above which a transfer is worth showing; below, it is over too soon. */
const WORTH_SHOWING = 8 * 1024 * 1024;

/** Bytes between two events of progress. */
const PROGRESS_STEP = 4 * 1024 * 1024;

/** What is to be moved, and what is said of it. */
export interface Transfer {
  readonly context: NodeContext;
  readonly about: Omit<TransferEvent, "bytes">;
  readonly label: string;
  readonly signal: AbortSignal;
  /** Bytes of a file; `undefined` for a tree. */
  readonly total?: number | undefined;
  /** Its failures are about the node, unless each is a `SourceFailure`. */
  readonly source: () => Promise<ReadableStream<Uint8Array>>;
  /** Whether the source is not of the node that calls: then what it fails with is a `SourceFailure`. */
  readonly isSourceElsewhere?: boolean;
  readonly target: () => Promise<WritableStream<Uint8Array>>;
}

/** Moves content from a source to a target, and tells of it by events. */
export async function moveContent(transfer: Transfer): Promise<void> {
  const { context, about, signal } = transfer;
  const source = await transfer.source();
  const target = await transfer.target().catch(async (error) => {
    await source.cancel(error).catch(() => {});
    throw error;
  });
  const progress = new TransferProgress(transfer);
  try {
    // What unpacks a tree keeps chunks for a while; other targets are done with one they have written.
    const release = transfer.total !== undefined;
    await emittedTransfer(context, about, async (count) => {
      const onChunk = (size: number) => {
        progress.count(size);
        count(size);
      };
      // The write that goes on now may never end, so it is not awaited.
      const moved = transfer.isSourceElsewhere ? pour : pump;
      await unlessAborted(moved(source, target, { signal, release, onChunk }), signal);
    });
    progress.end();
  } catch (error) {
    progress.end(error instanceof SourceFailure ? error.reason : error);
    throw error;
  }
}

/** Counts the bytes of a transfer, and reports those of one that is large. */
class TransferProgress {
  readonly #work: OngoingWork;
  #done = 0;
  #reported = 0;

  constructor({ context: { emit, nextId }, label, total }: Transfer) {
    const detail = { work: `transfer${nextId()}`, kind: "transfer", label, total } as const;
    this.#work = new OngoingWork(emit, { ...detail, unit: "bytes" });
  }

  end(error?: unknown): void {
    this.#work.end(error);
  }

  /** So many bytes more are on their way. */
  count(size: number): void {
    this.#done += size;
    if (this.#done < WORTH_SHOWING || this.#done - this.#reported < PROGRESS_STEP) return;
    this.#reported = this.#done;
    this.#work.progress({ done: this.#done });
  }
}
