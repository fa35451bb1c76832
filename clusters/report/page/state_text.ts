import { GIVEN_BACK, type ReportSpan } from "../report_data.ts";

/** How something has ended, in words. */
export function stateText({ state, facts = [] }: ReportSpan): string {
  const isGivenBack = facts.some(([name, text]) => name === "why" && text === GIVEN_BACK);
  if (isGivenBack && (state === "asked" || state === "ok")) return "given back with the cluster";
  return STATES[state];
}

const STATES = {
  asked: "ended because the test asked for it",
  failed: "failed",
  ok: "ended as it should",
  open: "had no end when the record ended",
};
