import { pump } from "../../agent/host/pump.ts";
import { unlessAborted } from "../concurrency/mod.ts";
import { OngoingWork, type TransferEvent } from "../events/mod.ts";
import { type NodeContext, pour, SourceFailure } from "../calls/mod.ts";
import { emittedTransfer } from "./transfer_events.ts";

/** Bytes from which on a transfer is shown as progress; smaller ones are over too soon. */
const WORTH_SHOWING = 8 * 1024 * 1024;

/** Bytes between two events of progress. */
const PROGRESS_STEP = 4 * 1024 * 1024;

/** A transfer, and what events say of it. */
export interface Transfer {
  readonly context: NodeContext;
  readonly about: Omit<TransferEvent, "bytes">;
  readonly label: string;
  readonly signal: AbortSignal;
  /** Bytes of a file; `undefined` for a tree. */
  readonly total?: number | undefined;
  /** Opens the source. Its failures count as the node's, unless they are `SourceFailure`s. */
  readonly source: () => Promise<ReadableStream<Uint8Array>>;
  /** Whether the source is not the calling node's: then its failures become `SourceFailure`s. */
  readonly isSourceElsewhere?: boolean;
  readonly target: () => Promise<WritableStream<Uint8Array>>;
}

/** Moves content from a source to a target, and emits events about it. */
export async function moveContent(transfer: Transfer): Promise<void> {
  const { context, about, signal } = transfer;
  const source = await transfer.source();
  const target = await transfer.target().catch(async (error) => {
    await source.cancel(error).catch(() => {});
    throw error;
  });
  const progress = new TransferProgress(transfer);
  try {
    // Unpacking a tree keeps chunks for a while; any other target is done with a chunk that it has written.
    const release = transfer.total !== undefined;
    await emittedTransfer(context, about, async (count) => {
      const onChunk = (size: number) => {
        progress.count(size);
        count(size);
      };
      // The pending write may never end, so it is not awaited.
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

  /** Counts bytes that were moved. */
  count(size: number): void {
    this.#done += size;
    if (this.#done < WORTH_SHOWING || this.#done - this.#reported < PROGRESS_STEP) return;
    this.#reported = this.#done;
    this.#work.progress({ done: this.#done });
  }
}
