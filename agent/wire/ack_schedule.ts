import { startBackgroundTimer } from "../background_timer.ts";
import { ACK_BYTES, ACK_DELAY, ACK_PACKETS } from "./protocol.ts";

/** When the packets that have come are to be acknowledged: after so many, or so many bytes, or a while. */
export class AckSchedule {
  readonly #due: () => void;
  #packets = 0;
  #bytes = 0;
  #timer: Disposable | undefined;

  /** `due` is called when an ACK is due; it may not be able to send one now. */
  constructor(due: () => void) {
    this.#due = due;
  }

  /** Whether packets have come since the last ACK. */
  get isOwed(): boolean {
    return this.#packets > 0;
  }

  /** A packet has come. */
  owe(bytes: number): void {
    this.#packets += 1;
    this.#bytes += bytes;
    this.start();
  }

  /** Has the ACK that is owed sent in time. */
  start(): void {
    if (this.#packets >= ACK_PACKETS || this.#bytes >= ACK_BYTES) this.#due();
    else this.#timer ??= startBackgroundTimer(ACK_DELAY, () => this.#dueLate());
  }

  /** Nothing is left to be acknowledged: an ACK was sent, or a hello, which says the same. */
  settle(): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
    this.#packets = 0;
    this.#bytes = 0;
  }

  #dueLate(): void {
    // A timer that has come can be set again, also when no ACK may be sent now.
    this.#timer = undefined;
    this.#due();
  }
}
