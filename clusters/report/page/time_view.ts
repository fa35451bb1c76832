/** The shortest time that can fill the view, in milliseconds. */
const SHORTEST = 1;

/** Something that was chosen, by its number. */
export interface Choice {
  readonly kind: "lane" | "mark" | "span";
  readonly index: number;
}

/** What all parts of the page look at: a window of time, a cursor, a lane, and what was chosen. */
export class TimeView {
  /** The whole of it, in milliseconds. */
  readonly duration: number;
  from: number;
  to: number;
  /** Where the cursor is; `undefined` before there is one. */
  cursor: number | undefined;
  /** The lane that keys concern. */
  lane: number | undefined;
  choice: Choice | undefined;
  /** The place of a line of the logs, which is chosen as long as the cursor is at its time. */
  line: number | undefined;
  readonly #listeners: ((view: TimeView) => void)[] = [];

  constructor(duration: number) {
    this.duration = Math.max(duration, SHORTEST);
    const margin = this.duration * 0.01;
    [this.from, this.to] = [-margin, this.duration + margin];
  }

  /** Calls something after every change. */
  listen(listener: (view: TimeView) => void): void {
    this.#listeners.push(listener);
  }

  /** Shows a window, as far as there is that much time. */
  show(from: number, to: number): void {
    const margin = this.duration * 0.01;
    const [first, last] = [-margin, this.duration + margin];
    const length = Math.min(Math.max(to - from, SHORTEST), last - first);
    this.from = Math.min(Math.max(from, first), last - length);
    this.to = this.from + length;
    this.changed();
  }

  /** Shows all of it. */
  showAll(): void {
    this.show(-this.duration, 2 * this.duration);
  }

  /** Makes what is shown longer or shorter; what is at `time` stays where it is. */
  zoom(factor: number, time: number = (this.from + this.to) / 2): void {
    this.show(time - (time - this.from) * factor, time + (this.to - time) * factor);
  }

  /** Moves what is shown by a part of its length. */
  pan(part: number): void {
    const by = (this.to - this.from) * part;
    this.show(this.from + by, this.to + by);
  }

  /** Puts the cursor somewhere, which is brought into view. */
  setCursor(time: number): void {
    this.cursor = Math.min(Math.max(time, 0), this.duration);
    const length = this.to - this.from;
    const isShown = this.cursor >= this.from && this.cursor <= this.to;
    if (isShown) this.changed();
    else this.show(this.cursor - length / 2, this.cursor + length / 2);
  }

  /** Tells the listeners that something has changed. */
  changed(): void {
    for (const listener of this.#listeners) listener(this);
  }
}
