/// <reference lib="dom" />
import { element, oncePerFrame } from "./dom.ts";

/** Pixels of a row of one line of text. */
export const ROW_HEIGHT = 18;

/** The tallest element that browsers show: of more rows, a scroll bar's pixel is several. */
const MAX_HEIGHT = 8_000_000;

/** A list of any length, of which only the rows are in the page that can be seen. */
export class VirtualList {
  readonly node: HTMLElement;
  readonly #rows = element("div", { class: "rows" });
  readonly #space = element("div", { class: "space" }, this.#rows);
  readonly #row: (index: number) => HTMLElement;
  readonly #update = oncePerFrame(() => this.#show());
  #count = 0;
  /** Of each row, and of the end, how many lines of text are above it; absent: rows are of one each. */
  #above: Float64Array | undefined;

  /** `row` makes the one with a number. */
  constructor(label: string, row: (index: number) => HTMLElement) {
    this.#row = row;
    this.node = element(
      "div",
      { class: "list", tabindex: "0", role: "list", "aria-label": label },
      this.#space,
    );
    this.node.addEventListener("scroll", () => this.#update());
  }

  /** Follows changes of its size, once it is in the page. */
  start(): void {
    new ResizeObserver(() => this.#update()).observe(this.node);
  }

  /** Has it show so many rows, from the first one on; `linesOf` gives how many lines of text one has. */
  setCount(count: number, linesOf?: (index: number) => number): void {
    this.#count = count;
    this.#above = linesOf && sums(count, linesOf);
    this.node.classList.toggle("wrapped", linesOf !== undefined);
    const total = this.#linesAbove(count);
    this.node.style.height = `min(55vh, ${(Math.max(total, 3) + 1) * ROW_HEIGHT}px)`;
    this.#space.style.height = `${Math.min(MAX_HEIGHT, total * ROW_HEIGHT)}px`;
    this.#update();
  }

  /** Brings a row into view. */
  scrollTo(index: number): void {
    const { clientHeight } = this.node;
    const top = this.#linesAbove(index) * ROW_HEIGHT;
    this.node.scrollTop = Math.max(0, top - clientHeight / 3) * this.#scale;
    this.#update();
  }

  #linesAbove(index: number): number {
    return this.#above ? this.#above[index] ?? 0 : index;
  }

  /** The row that a line of text is in. */
  #rowAt(line: number): number {
    if (!this.#above) return Math.floor(line);
    let [low, high] = [0, this.#count];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#above[middle + 1]! <= line) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Pixels of the scroll bar for one of the rows. */
  get #scale(): number {
    return Math.min(1, MAX_HEIGHT / Math.max(1, this.#linesAbove(this.#count) * ROW_HEIGHT));
  }

  #show(): void {
    const { scrollTop, clientHeight } = this.node;
    const line = scrollTop / this.#scale / ROW_HEIGHT;
    const first = Math.max(0, this.#rowAt(line) - 5);
    const end = this.#rowAt(line + clientHeight / ROW_HEIGHT) + 5;
    const last = Math.min(this.#count, end);
    const top = this.#linesAbove(first) * ROW_HEIGHT;
    this.#rows.style.top = `${Math.max(0, scrollTop - (scrollTop / this.#scale - top))}px`;
    const rows = Array.from({ length: Math.max(0, last - first) }, (_, i) => {
      const index = first + i;
      const row = this.#row(index);
      row.setAttribute("role", "listitem");
      row.setAttribute("aria-posinset", `${index + 1}`);
      row.setAttribute("aria-setsize", `${this.#count}`);
      const lines = this.#linesAbove(index + 1) - this.#linesAbove(index);
      row.style.height = `${lines * ROW_HEIGHT}px`;
      return row;
    });
    this.#rows.replaceChildren(...rows);
  }
}

function sums(count: number, valueOf: (index: number) => number): Float64Array {
  const above = new Float64Array(count + 1);
  for (let i = 0; i < count; i++) above[i + 1] = above[i]! + valueOf(i);
  return above;
}
