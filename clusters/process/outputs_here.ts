import type { OutputMode, ProcessSpec } from "../../agent/host/host.ts";
import type { OutputName } from "./live_outputs.ts";

const OUTPUTS: readonly OutputName[] = ["stdout", "stderr"];

/** Whether an output goes nowhere else than to the test and into the log. */
export function isHere(mode: OutputMode = "log"): boolean {
  return mode === "log" || mode === "piped";
}

/** The outputs of a process that come to the test. */
export function outputsHere(spec: Pick<ProcessSpec, OutputName>): OutputName[] {
  return OUTPUTS.filter((name) => isHere(spec[name]));
}

/** Those that the author asks for; throws if none of them comes to the test. `what` completes "Cannot …". */
export function wantedOutputs(
  spec: ProcessSpec,
  { stream, what }: { readonly stream: "both" | OutputName; readonly what: string },
): OutputName[] {
  const wanted = OUTPUTS.filter((name) => stream === "both" || stream === name);
  const here = outputsHere(spec).filter((name) => wanted.includes(name));
  if (here.length > 0) return here;
  const go = wanted.length > 1 ? "go" : "goes";
  throw new TypeError(
    `Cannot ${what} of "${spec.command}": ${wanted.join(" and ")} of it ${go} elsewhere. ` +
      'Leave out the option, or pass "log" or "piped" to spawn',
  );
}
