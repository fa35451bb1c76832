import type { ReportSpan } from "../report_data.ts";
import { isInterrupted } from "./state_text.ts";

/** The name of the colour of a bar, as the page's style has it. */
export function colourOf(span: ReportSpan): string {
  const { kind, state } = span;
  if (isInterrupted(span)) return "bar-interrupted";
  if (state === "failed") return "bar-failed";
  if (kind === "process") return `bar-process-${state}`;
  return `bar-${kind}`;
}
