/** What is known of an agent's clock. */
export interface ClockOffset {
  /** That clock minus this one, in milliseconds. */
  readonly offset: number;
  /** Milliseconds by which `offset` may be wrong, until another one is said. */
  readonly error: number;
}
