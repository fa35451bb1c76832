import { isAbortedTunnel } from "../runs/mod.ts";
import { endingFacts, milliseconds, type Of, placeFacts, startFacts } from "./event_facts.ts";
import type { ReportFact, SpanKind, SpanState } from "./report_data.ts";

/** What begins. */
export interface Beginning {
  /** What its end will name. */
  readonly key: string;
  readonly kind: SpanKind;
  readonly label: string;
  readonly process?: number;
  readonly facts?: readonly ReportFact[];
  /** Milliseconds for which it has gone on by now. */
  readonly elapsed?: number;
  readonly concerns?: readonly number[];
}

/** What ends. */
export interface End {
  readonly key: string;
  readonly state: SpanState;
  readonly facts?: readonly ReportFact[];
  readonly isOutOfMemory?: true | undefined;
  /** Milliseconds for which a fault has been healed by now. */
  readonly healed?: number | undefined;
}

/** How a test has ended. */
export function testEnd(event: Of<"test-ended">): End {
  const ending = endingFacts(event).map(([name, text]): ReportFact => [
    name === "took" ? "its body took" : name,
    text,
  ]);
  const facts: ReportFact[] = [["verdict", event.verdict], ...ending];
  return { key: `test ${event.test}`, state: event.verdict === "failed" ? "failed" : "ok", facts };
}

/** A process that begins. */
export function processStart(event: Of<"command-started">): Beginning {
  const { process: key, command } = event;
  const process = Number(key.replace(/\D/g, ""));
  return { key, kind: "process", label: command.join(" "), process, facts: startFacts(event) };
}

/** What is known of a node's clock. */
export function clockText(event: Of<"node-clock">): string {
  const { offset, error } = event;
  const side = offset < 0 ? "behind" : "ahead of";
  const bound = error === undefined ? "" : `, ± ${error.toFixed(1)} ms`;
  return `${
    Math.abs(offset).toFixed(1)
  } ms ${side} the runner's${bound}; times here are the runner's`;
}

/** A part of a test that begins. */
export function stepStart(event: Of<"step-started">): Beginning {
  return { key: event.step, kind: "step", label: event.name, facts: placeFacts(event) };
}

/** A wait that begins. */
export function waitStart(event: Of<"wait-started">): Beginning {
  const { timeout, call: label } = event;
  const isBounded = typeof timeout === "number" && Number.isFinite(timeout);
  const limit = isBounded ? [["fails after", milliseconds(timeout)] as const] : [];
  return { key: waitKey(event), kind: "wait", label, facts: [...limit, ...placeFacts(event)] };
}

/** What the end of a wait will name. */
function waitKey({ node, call }: Of<"wait-ended" | "wait-started">): string {
  return `wait ${node ?? ""} ${call}`;
}

/** The end of a wait. */
export function waitEnd(event: Of<"wait-ended">): End {
  const ending = failable(event, waitKey(event));
  return { ...ending, facts: [["tries", `${event.tries}`], ...endingFacts(event)] };
}

/** A connection through the runner, which a node makes for it. */
export function tunnelStart({ tunnel: key, node, target }: Of<"tunnel-opened">): Beginning {
  return { key, kind: "tunnel", label: `connection from the test by ${node} to ${target}` };
}

/** The end of one: one that was given up has not failed. */
export function tunnelEnd(event: Of<"tunnel-closed">): End {
  const ending = failable(event, event.tunnel);
  return isAbortedTunnel(event) ? { ...ending, state: "asked" } : ending;
}

/** The end of what has failed if it says why. */
export function failable(
  event: { readonly elapsed?: number; readonly error?: string | undefined },
  key: string,
): End {
  return { key, state: event.error === undefined ? "ok" : "failed", facts: endingFacts(event) };
}
