import { Deadline } from "../../agent/deadline.ts";
import { delay } from "../../agent/delay.ts";
import type { KubeApi } from "./api/mod.ts";
import type { ObjectEvent } from "./pod.ts";

/** What the cluster has told of a pod. */
export interface PodWarning {
  readonly said: string;
  /** "FailedMount", "Preempted", … */
  readonly reason: string;
}

/** Events that are quoted. */
const MAX_EVENTS = 5;

/** Warnings that clusters without names give of every pod, or that only repeat the one before. */
const HARMLESS: readonly string[] = ["MissingClusterDNS", "DNSConfigForming", "BackOff"];

/** Milliseconds in which it is said why a pod is deleted, and between two looks for that. */
const SAY_DEADLINE = 1000;
const SAY_INTERVAL = 200;

/** Events that are no warnings, and say why a pod has to go. */
const DISRUPTIONS: readonly string[] = ["Preempted", "TaintManagerEviction"];

/**
 * What the cluster warns of, the latest last: volumes that cannot be mounted, say, are nowhere else. None
 * if that cannot be had. Never rejects.
 */
export async function readWarnings(
  api: KubeApi,
  pod: string,
  signal: AbortSignal,
): Promise<PodWarning[]> {
  const fieldSelector = `involvedObject.name=${pod}`;
  const { items } = await api.list<ObjectEvent>("events", { fieldSelector, signal })
    .catch(() => ({ items: [] }));
  return items
    .filter(({ type, reason = "" }) =>
      type === "Warning" && !HARMLESS.includes(reason) || DISRUPTIONS.includes(reason)
    )
    .map(({ reason = "", message = "" }) => ({ said: message.trim(), reason }))
    .slice(-MAX_EVENTS);
}

/**
 * The same of a pod that is being deleted: who deletes it says why a moment later. Waits for that until
 * `signal` aborts, and no longer than it takes others who say nothing.
 */
export async function readDisruption(
  api: KubeApi,
  pod: string,
  signal: AbortSignal,
): Promise<PodWarning[]> {
  using deadline = new Deadline(SAY_DEADLINE, [signal]);
  for (;;) {
    const warnings = await readWarnings(api, pod, signal);
    const isSaid = warnings.some(({ reason }) => DISRUPTIONS.includes(reason));
    if (isSaid || deadline.signal.aborted) return warnings;
    await delay(SAY_INTERVAL, deadline.signal).catch(() => {});
  }
}

/** Lines of an error or a loss, without what is `known` already. */
export function warningLines(warnings: readonly PodWarning[], known: string): string[] {
  return warnings.filter(({ said }) => !known.includes(said))
    .map(({ said, reason }) => `the cluster says: ${said} (${reason})`);
}
