import { TerminateInstancesCommand } from "@aws-sdk/client-ec2";
import type { Aws } from "./api/aws.ts";
import { errorCode } from "./api/error_code.ts";

/** Instances of one request. */
const BATCH = 1000;

/** One that was just launched, or ended long ago. */
const UNKNOWN = "InvalidInstanceID.NotFound";

/** How instances are ended. */
export interface TerminateOptions {
  /** As by a power cut: the operating system is not asked to shut down. @default false */
  readonly atOnce?: boolean | undefined;
}

/** Ends instances: those that are to end at the same moment by one call. */
export class Terminator {
  readonly #aws: Aws;
  readonly #waiting: { id: string; resolve: () => void; reject: (error: unknown) => void }[] = [];

  constructor(aws: Aws) {
    this.#aws = aws;
  }

  /** Resolves once EC2 has agreed: from then on the instance costs nothing. */
  async terminate(id: string): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    if (this.#waiting.length === 0) setTimeout(() => this.#flush(), 0);
    this.#waiting.push({ id, resolve, reject });
    await promise;
  }

  async #flush(): Promise<void> {
    const waiting = this.#waiting.splice(0);
    try {
      await terminateInstances(this.#aws, waiting.map(({ id }) => id));
      for (const { resolve } of waiting) resolve();
    } catch (error) {
      for (const { reject } of waiting) reject(error);
    }
  }
}

/** Ends instances, a thousand by one call. It is no error if some are gone already. */
export async function terminateInstances(
  aws: Aws,
  ids: readonly string[],
  { atOnce = false }: TerminateOptions = {},
): Promise<void> {
  for (let i = 0; i < ids.length; i += BATCH) {
    await terminateBatch(aws, ids.slice(i, i + BATCH), atOnce);
  }
}

/** An instance that stays unknown does not keep the others alive. */
async function terminateBatch(aws: Aws, ids: readonly string[], atOnce: boolean): Promise<void> {
  const input = { InstanceIds: [...ids], ...(atOnce ? { SkipOsShutdown: true } : {}) };
  try {
    await aws.call(
      "terminate instances",
      (options) => aws.ec2.send(new TerminateInstancesCommand(input), options),
      { retryOn: [UNKNOWN], deadline: 60_000 },
    );
  } catch (error) {
    const known = ids.filter((id) => !namesIn(error).includes(id));
    if (errorCode(error) !== UNKNOWN || known.length === ids.length) throw error;
    if (known.length > 0) await terminateBatch(aws, known, atOnce);
  }
}

/** The instances that an error is about. */
function namesIn(error: unknown): string[] {
  const { message, cause } = error as Error;
  const text = `${message} ${cause instanceof Error ? cause.message : ""}`;
  return text.match(/\bi-[0-9a-f]+\b/g) ?? [];
}
