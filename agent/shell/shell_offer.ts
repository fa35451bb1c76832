/** A node on which shells can be opened, and where they are to be served. */
export interface ShellOffer {
  /** The folder of its cluster in the record: its name and id. */
  readonly cluster: string;
  /** The name of its backend. */
  readonly backend: string;
  /** Its name. */
  readonly node: string;
  /** Path of the Unix socket. */
  readonly path: string;
  /** The variables that its author has given the node. */
  readonly env: Readonly<Record<string, string>>;
}

/** A node on which no shell can be opened any more. */
export interface ShellWithdrawal {
  /** As in its offer. */
  readonly cluster: string;
  /** As in its offer. */
  readonly node: string;
  /** Completes "node1 …". */
  readonly reason: string;
}

/** Has shells served by another thread than that of the test, which may stand at a breakpoint. */
export interface ShellThread {
  /** Serves shells on a node from now on. */
  offer(offer: ShellOffer): void;
  /** Ends those on a node, and tells them why. */
  withdraw(withdrawal: ShellWithdrawal): void;
}
