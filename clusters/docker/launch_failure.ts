import { settledWithin } from "../../agent/settled_within.ts";
import { within } from "../../agent/within.ts";
import type { ContainerInspection } from "./container.ts";
import { OUTPUT_DEADLINE, REPORT_DEADLINE } from "./await_loss_reason.ts";
import type { NodePlan } from "./launch_context.ts";
import { explainEnd, logDetails } from "../kit/mod.ts";
import type { StartedContainer } from "./start_container.ts";

/** A node was not launched. */
export class LaunchFailure extends Error {
  /** The code with which its container ended, if it has ended, and that is known. */
  readonly exitCode: number | undefined;

  constructor(
    message: string,
    { exitCode, cause }: ErrorOptions & { exitCode: number | undefined },
  ) {
    super(message, { cause });
    // To its author it is just an error.
    this.name = "Error";
    this.exitCode = exitCode;
  }
}

/** The error for a node that was not launched, with all that is known of its container. */
export async function launchFailure(
  error: unknown,
  { name, options }: NodePlan,
  { container, output, ended }: Partial<StartedContainer>,
): Promise<LaunchFailure> {
  const inspection = await container?.inspect().catch(() => undefined);
  const end = inspection?.State.Running || !ended
    ? undefined
    : await within(REPORT_DEADLINE, ended).catch(() => undefined);
  if (end && output) await settledWithin(OUTPUT_DEADLINE, output.closed);
  const state = end
    ? explainEnd(end, { memory: options.memory, log: [] }).summary
    : container && describeState(inspection);
  const lines = [...(state ? [state] : []), ...logDetails(output?.tail ?? [])];
  const message = `Cannot start node "${name}" from the image "${options.image}": ` +
    [(error as Error).message, ...lines].join("\n  ");
  return new LaunchFailure(message, { cause: error, exitCode: end?.exitCode });
}

function describeState(inspection: ContainerInspection | undefined): string {
  if (inspection === undefined) return "the engine has removed its container";
  const { Running, ExitCode, OOMKilled, Error } = inspection.State;
  if (Running) return "its container runs";
  const why = [OOMKilled ? "it ran out of memory" : "", Error].filter((text) => text !== "");
  return [`its container does not run (exit code ${ExitCode})`, ...why].join("; ");
}
