/** Characters that are kept. */
const MAX_TAIL = 8 * 1024;

/** Lines that errors quote. */
const MAX_LINES = 20;

/** The last lines of a text that keeps coming: the log of something whose end may need explaining. */
export class TextTail {
  readonly #done: Promise<void>;
  #text = "";

  constructor(stream: ReadableStream<Uint8Array<ArrayBuffer>>) {
    this.#done = this.#read(stream).catch(() => {});
  }

  /** What there is at the end of the stream. */
  async lines(): Promise<string[]> {
    await this.#done;
    return this.#text.trimEnd().split("\n").filter((line) => line !== "").slice(-MAX_LINES);
  }

  async #read(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<void> {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) {
      this.#text = (this.#text + text).slice(-MAX_TAIL);
    }
  }
}
