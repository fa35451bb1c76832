import type { ClusterEvent, NodeActionType, ProcessActionType } from "./events.ts";

/** Characters of each line of a process that are shown. */
const SHOWN_LINE = 200;

/** An event of work that takes a while. */
export type OngoingEvent = Extract<ClusterEvent, { type: `work-${string}` }>;

/** Any other event. */
export type MomentaryEvent = Exclude<ClusterEvent, OngoingEvent>;

/** The event of a type. */
type Of<T extends ClusterEvent["type"]> = Extract<ClusterEvent, { type: T }>;

/** How a link leads from one node to the other. */
const LINK_WAYS = {
  network: "in a network of both",
  public: "in public",
  relay: "relayed by the test",
} as const;

/** Whether the event is about work that takes a while. */
export function isOngoing(event: ClusterEvent): event is OngoingEvent {
  return event.type.startsWith("work-");
}

/** One line for people about something that does not take a while. */
export function eventLine(event: MomentaryEvent): string {
  switch (event.type) {
    case "cluster-created":
      return `cluster created on backend "${event.backend}"`;
    case "cluster-disposed":
      return event.errors.length > 0
        ? `not all of it could be given back: ${event.errors.join("; ")}`
        : "cluster disposed";
    case "cluster-held":
      return `cluster held: ${event.text}`;
    case "cluster-released":
      return `cluster not held any more: ${event.reason}`;
    case "test-started":
      return `test "${event.test}" started`;
    case "test-ended":
      return `test "${event.test}" ${event.verdict} after ${event.elapsed.toFixed(1)} ms` +
        (event.error === undefined ? "" : `: ${event.error.split("\n")[0]}`);
    case "report-written":
      return `report: ${event.report}`;
    case "artifacts-collected":
      return artifactsLine(event);
    case "artifacts-missing":
      return `no node has files that match the artifacts ${
        event.patterns.map((each) => JSON.stringify(each)).join(", ")
      }`;
    case "control-route":
      return event.by === "sockets"
        ? "agents are reached through Unix sockets"
        : `agents are reached over TLS: ${event.reason}`;
    case "nodes-requested":
      return `asked for ${event.names.join(", ")}`;
    case "nodes-failed":
      return `cannot have ${event.names.join(", ")}: ${event.error}`;
    case "node-ready":
      return `${event.node} is ready at ${event.address}` +
        (event.member === undefined ? "" : `, in ${event.member}`);
    case "node-lost":
      return `${event.node} was lost: ${event.reason}`;
    case "node-down":
      return `${event.node} is down: the test kills it`;
    case "node-up":
      return `${event.node} is up again`;
    case "node-stopped":
      return `${event.node} was ${event.how}`;
    case "node-killed":
    case "node-started":
    case "node-paused":
    case "node-resumed":
    case "node-restarted":
      return actionLine(event);
    case "node-clock":
      return `${event.node} has a clock that is off by ${event.offset.toFixed(1)} ms`;
    case "command-started":
      return `${event.node} runs ${commandLine(event.command)}${
        event.user === undefined ? "" : ` as ${event.user}`
      }`;
    case "command-ended":
      return `${event.node} ended ${commandLine(event.command)} with ${status(event)} ` +
        `after ${event.elapsed.toFixed(1)} ms`;
    case "process-paused":
    case "process-resumed":
      return processActionLine(event);
    case "essential-process-ended":
      return essentialLine(event);
    case "wait-started":
      return event.node === undefined
        ? `waiting: ${event.call}`
        : `${event.node} is waited for: ${event.call}`;
    case "wait-ended":
      return waitLine(event);
    case "content-moved":
      return transferLine(event);
    case "link-opened":
      return `${event.node} finds ${event.to}:${event.targetPort} at ${event.hostname}:${event.port}, ` +
        LINK_WAYS[event.by];
    case "link-closed":
      return `${event.node} finds ${event.to} no more by ${event.link}`;
    case "tunnel-opened":
      return `${event.node} connects to ${event.target} (${event.tunnel})`;
    case "tunnel-closed":
      return `${event.node} closed ${event.tunnel}${event.error ? `: ${event.error}` : ""}`;
    case "fault-injected":
    case "fault-healed":
      return faultLine(event);
    case "cost-estimated":
      return `${event.instances} × ${event.instanceType} will cost ${
        dollars(event.hourly)
      } per hour${priceList(event)}`;
    case "cost-incurred":
      return `used ${event.hours.toFixed(2)} instance-hours on ${event.instances} instances, for ` +
        dollars(event.cost) + priceList(event);
    case "note":
      return `note: ${event.text}`;
    case "measure":
      return measureLine(event);
    case "step-started":
      return `step "${event.name}" started`;
    case "step-ended":
      return `step "${event.name}" ${event.error === undefined ? "ended" : "failed"} after ` +
        `${event.elapsed.toFixed(1)} ms${event.error === undefined ? "" : `: ${event.error}`}`;
    case "warning":
      return event.message;
    default:
      throw new TypeError(`Unknown event ${event satisfies never}`);
  }
}

function measureLine({ name, value, unit, node }: Of<"measure">): string {
  const what = node === undefined ? name : `${node}, ${name}`;
  // As many digits as people read; all of them are in the record.
  const shown = Number.isInteger(value) ? value : Number(value.toPrecision(6));
  return `measured ${what}: ${shown}${unit === undefined ? "" : ` ${unit}`}`;
}

function faultLine(event: Of<"fault-injected" | "fault-healed">): string {
  const { type, action, error, proof, elapsed } = event;
  if (error !== undefined) return error;
  const { checks = [], measurements = [], machines = [] } = proof ?? {};
  const count = checks.length + measurements.length + machines.length;
  const shown = proof ? `, shown by ${count} ${count === 1 ? "check" : "checks"}` : "";
  const verb = type === "fault-injected" ? "fault" : "healed";
  return `${verb}: ${action}, after ${elapsed.toFixed(1)} ms${shown}`;
}

function actionLine({ node, type, elapsed, error }: Of<NodeActionType>): string {
  const action = type.slice("node-".length);
  if (error !== undefined) return `${node} could not be ${action}: ${error}`;
  return `${node} was ${action} after ${elapsed.toFixed(1)} ms`;
}

function processActionLine(
  { node, command, type, elapsed, error }: Of<ProcessActionType>,
): string {
  const action = type.slice("process-".length);
  if (error !== undefined) {
    return `${node}: ${commandLine(command)} could not be ${action}: ${error}`;
  }
  return `${node}: ${commandLine(command)} was ${action} after ${elapsed.toFixed(1)} ms`;
}

function waitLine({ node, call, tries, elapsed, error }: Of<"wait-ended">): string {
  const failure = error === undefined ? "" : `, and failed: ${error}`;
  const counted = tries === 1 ? "1 try" : `${tries} tries`;
  const what = node === undefined ? "waited" : `${node} was waited for`;
  return `${what} ${elapsed.toFixed(1)} ms, ${counted}: ${call}${failure}`;
}

/**
 * Quotes the beginning and the end of what the process wrote: some programs print a usage text after the
 * reason for their end, and others begin with their version.
 */
function essentialLine(event: Of<"essential-process-ended">): string {
  const { node, command, elapsed, stdout, stderr } = event;
  const words = endsOf(stderr) || endsOf(stdout);
  return `${node} lost its essential process ${commandLine(command)}, which fails the test: it ` +
    `ended with ${status(event)} after ${elapsed.toFixed(1)} ms${words ? `: ${words}` : ""}`;
}

function status(
  { code, signal, outOfMemory }: Pick<Of<"command-ended">, "code" | "signal" | "outOfMemory">,
): string {
  const how = `${signal ?? code ?? "unknown status"}`;
  return outOfMemory ? `${how}, since the kernel ran out of memory for it,` : how;
}

/** The first and the last line of an output. */
function endsOf(output: string): string {
  const lines = output.trim().split("\n").map((line) => shortened(line.trim()));
  const [first, last] = [lines.at(0)!, lines.at(-1)!];
  if (lines.length === 1) return first;
  return `${first}${lines.length > 2 ? " … " : " / "}${last}`;
}

function shortened(line: string): string {
  return line.length > SHOWN_LINE ? `${line.slice(0, SHOWN_LINE)}…` : line;
}

function transferLine(event: Of<"content-moved">): string {
  const { node, member, path, other, bytes, elapsed, error } = event;
  const names = other === undefined ? path : `${path}, ${other}`;
  const failure = error === undefined ? "" : `, and failed: ${error}`;
  return `${node} moved ${bytes} bytes in ${
    elapsed.toFixed(1)
  } ms for ${member}(${names})${failure}`;
}

function artifactsLine({ node, files, bytes, folder, errors }: Of<"artifacts-collected">): string {
  if (files === 0) return `${node} gave no artifacts: ${errors.join("; ")}`;
  const failures = errors.length === 0 ? "" : `, and not all: ${errors.join("; ")}`;
  return `${node} gave ${files} artifacts of ${bytes} bytes to ${folder}${failures}`;
}

function dollars(amount: number | undefined): string {
  return amount === undefined
    ? "an unknown amount"
    : `about $${amount.toFixed(amount < 1 ? 4 : 2)}`;
}

function priceList({ priceListDate }: { priceListDate: string | undefined }): string {
  return priceListDate === undefined ? "" : `, by prices of ${priceListDate}`;
}

/** Short, and on one line whatever is in it. */
export function commandLine(command: readonly string[]): string {
  const line = command.join(" ").replaceAll(/\s+/g, " ");
  return line.length > 60 ? `${line.slice(0, 59)}…` : line;
}
