import { GIVEN_BACK, type ReportSpan } from "../report_data.ts";

/** How something has ended, in words. */
export function stateText(span: ReportSpan): string {
  const { state, facts = [] } = span;
  if (isInterrupted(span)) return "interrupted: the process that ran it has ended";
  const isGivenBack = facts.some(([name, text]) => name === "why" && text === GIVEN_BACK);
  if (isGivenBack && (state === "asked" || state === "ok")) return "given back with the cluster";
  return STATES[state];
}

/** Whether it is a test of which the process has ended before it did. */
export function isInterrupted({ kind, facts = [] }: ReportSpan): boolean {
  return kind === "test" &&
    facts.some(([name, text]) => name === "verdict" && text === "interrupted");
}

const STATES = {
  asked: "ended because the test asked for it",
  failed: "failed",
  ok: "ended as it should",
  open: "had no end when the record ended",
};
