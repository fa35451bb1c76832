/**
 * Work that is done once, however many callers ask for it, such as the removal of a resource. Work that
 * has failed is tried again for the next caller: what cannot be removed now can be later.
 */
export class UntilDone {
  readonly #work: () => Promise<void>;
  #doing: Promise<void> | undefined;

  constructor(work: () => Promise<void>) {
    this.#work = work;
  }

  /** Whether it is done or being done. */
  get hasBegun(): boolean {
    return this.#doing !== undefined;
  }

  /** Does the work unless it is done; resolves once it is, and rejects if this attempt fails. */
  run(): Promise<void> {
    return this.#doing ?? this.#attempt();
  }

  #attempt(): Promise<void> {
    const doing = Promise.try(this.#work);
    this.#doing = doing;
    doing.catch(() => this.#doing = undefined);
    return doing;
  }
}
