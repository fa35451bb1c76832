/** Which output of which process it is. */
export interface OutputIdentity {
  /** The cluster's folder in the record. */
  readonly cluster: string;
  /** The name of its node. */
  readonly node: string;
  /** The number of the process in its cluster. */
  readonly number: number;
  /** The name of its command. */
  readonly command: string;
  /** Which of its outputs. */
  readonly output: "stdout" | "stderr";
}
