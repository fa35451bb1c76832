/** A call that was made. */
export interface JournalEntry {
  readonly service: string;
  readonly action: string;
  readonly input: object;
  /** The code of the error that was answered; `undefined` when all went well. */
  readonly error: string | undefined;
}

/** Every call that was made, whatever became of it. */
export class Journal {
  readonly entries: JournalEntry[] = [];

  /** Writes down a call. */
  add(entry: JournalEntry): void {
    this.entries.push(entry);
  }

  /** How often an action was called, or everything: `count("ec2", "RunInstances")`. */
  count(service?: string, action?: string): number {
    return this.find(service, action).length;
  }

  /** The calls of a service, or of one of its actions. */
  find(service?: string, action?: string): JournalEntry[] {
    return this.entries.filter((entry) =>
      (service === undefined || entry.service === service) &&
      (action === undefined || entry.action === action)
    );
  }

  /** How often each action was called: `{ "ec2:RunInstances": 1 }`. */
  counts(): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const { service, action } of this.entries) {
      const name = `${service}:${action}`;
      counts[name] = (counts[name] ?? 0) + 1;
    }
    return counts;
  }

  /** Forgets everything. */
  clear(): void {
    this.entries.length = 0;
  }
}
