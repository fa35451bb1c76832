import type { ReportSpan } from "../report_data.ts";

/** The name of the colour of a bar, as the page's style has it. */
export function colourOf({ kind, state }: ReportSpan): string {
  if (state === "failed") return "bar-failed";
  if (kind === "process") return `bar-process-${state}`;
  return `bar-${kind}`;
}
