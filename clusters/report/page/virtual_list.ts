/// <reference lib="dom" />
import { element, oncePerFrame } from "./dom.ts";

/** Pixels of a row. */
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

  /** Has it show so many rows, from the first one on. */
  setCount(count: number): void {
    this.#count = count;
    this.node.style.height = `min(55vh, ${(Math.max(count, 3) + 1) * ROW_HEIGHT}px)`;
    this.#space.style.height = `${Math.min(MAX_HEIGHT, count * ROW_HEIGHT)}px`;
    this.#update();
  }

  /** Brings a row into view. */
  scrollTo(index: number): void {
    const { clientHeight } = this.node;
    this.node.scrollTop = Math.max(0, index * ROW_HEIGHT - clientHeight / 3) * this.#scale;
    this.#update();
  }

  /** Pixels of the scroll bar for one of the rows. */
  get #scale(): number {
    return Math.min(1, MAX_HEIGHT / Math.max(1, this.#count * ROW_HEIGHT));
  }

  #show(): void {
    const { scrollTop, clientHeight } = this.node;
    const first = Math.max(0, Math.floor(scrollTop / this.#scale / ROW_HEIGHT) - 5);
    const last = Math.min(this.#count, first + Math.ceil(clientHeight / ROW_HEIGHT) + 10);
    this.#rows.style.top = `${
      Math.max(0, scrollTop - (scrollTop / this.#scale - first * ROW_HEIGHT))
    }px`;
    const rows = Array.from({ length: Math.max(0, last - first) }, (_, i) => {
      const row = this.#row(first + i);
      row.setAttribute("role", "listitem");
      row.setAttribute("aria-posinset", `${first + i + 1}`);
      row.setAttribute("aria-setsize", `${this.#count}`);
      return row;
    });
    this.#rows.replaceChildren(...rows);
  }
}
