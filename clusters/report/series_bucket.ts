/** What was used in a time of the resolution. */
export interface Bucket {
  time: number;
  span: number;
  /** Milliseconds by which its times may be wrong. */
  error: number;
  /** What was used in `span`, by the name of the amount. */
  readonly amounts: Map<string, number>;
  /** The highest value of what is a state. */
  readonly levels: Map<string, number>;
  /** What was told of processes, by their numbers: milliseconds of processors' time, and bytes. */
  readonly processes: Map<number, { readonly cpu: number; readonly memory: number }>;
}
