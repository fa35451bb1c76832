import { DescribeStackEventsCommand, type StackEvent } from "@aws-sdk/client-cloudformation";
import { Deadline } from "../../../../agent/deadline.ts";
import type { Aws } from "../../aws.ts";

/** Milliseconds that it may take to read what has happened before. */
const SKIP_DEADLINE = 60_000;

/** What happens to a stack from now on. */
export class StackEvents {
  readonly #aws: Aws;
  readonly #stackId: string;
  readonly #seen = new Set<string>();

  constructor(aws: Aws, stackId: string) {
    this.#aws = aws;
    this.#stackId = stackId;
  }

  /** Leaves out what has happened by now. */
  async skip(signal?: AbortSignal): Promise<void> {
    using until = new Deadline(SKIP_DEADLINE, [signal]);
    await this.next(until.signal);
  }

  /** What happened since the last call, in its order; the first call gives everything there is. */
  async next(signal: AbortSignal): Promise<StackEvent[]> {
    const events: StackEvent[] = [];
    let token: string | undefined;
    do {
      const command = new DescribeStackEventsCommand({
        StackName: this.#stackId,
        ...(token === undefined ? {} : { NextToken: token }),
      });
      const page = await this.#aws.call(
        "follow the stack's events",
        (options) => this.#aws.cloudFormation.send(command, options),
        { signal },
      );
      const unseen = (page.StackEvents ?? []).filter(({ EventId = "" }) =>
        !this.#seen.has(EventId)
      );
      events.push(...unseen);
      // The newest come first: a page with something old is the last that matters.
      token = unseen.length === page.StackEvents?.length ? page.NextToken : undefined;
    } while (token !== undefined);
    for (const { EventId = "" } of events) this.#seen.add(EventId);
    return events.reverse();
  }
}
