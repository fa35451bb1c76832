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

/** Lines of an error or a loss, without what is `known` already. */
export function warningLines(warnings: readonly PodWarning[], known: string): string[] {
  return warnings.filter(({ said }) => !known.includes(said))
    .map(({ said, reason }) => `the cluster says: ${said} (${reason})`);
}
