import type { Frame } from "./frame.ts";
import type { Outlet, Source } from "./outbox.ts";

/** A channel whose OPEN may not be sent yet. Everything else that it sends waits behind that. */
export class Opening implements Outlet {
  #outlet: Outlet;
  #isSent = false;
  /** In order, the OPEN first. */
  #frames: Frame[];
  #sources: Set<Source> = new Set();

  constructor(outlet: Outlet, open: Frame) {
    this.#outlet = outlet;
    this.#frames = [open];
  }

  /** Sends what has waited, and from now on everything at once. */
  send(): void {
    this.#isSent = true;
    for (const frame of this.#frames.splice(0)) this.#outlet.post(frame);
    for (const source of this.#sources) this.#outlet.ready(source);
    this.#sources.clear();
  }

  /** Sends a frame. */
  post(frame: Frame): void {
    if (this.#isSent) this.#outlet.post(frame);
    else this.#frames.push(frame);
  }

  /** The stream has something to send. */
  ready(source: Source): void {
    if (this.#isSent) this.#outlet.ready(source);
    else this.#sources.add(source);
  }

  /** The stream has nothing to send any more. */
  withdraw(source: Source): void {
    this.#sources.delete(source);
    this.#outlet.withdraw(source);
  }
}
