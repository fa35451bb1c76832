/**
 * What a pod's status says about how its node is.
 *
 * @module
 */
import { type ContainerEnd, explainEnd, type LossReason, type MemoryAmount } from "../kit/mod.ts";
import type { ContainerStatus, Pod, PodCondition } from "./pod.ts";
import {
  COPY_CONTAINER,
  HELPER_CONTAINER,
  NODE_CONTAINER,
  SIDECAR_CONTAINER,
} from "./pod_places.ts";
import type { PodView } from "./pod_watch.ts";

/** Why a container waits that will not run by waiting, as the kubelet calls it. */
const HOPELESS: readonly string[] = [
  "CreateContainerConfigError",
  "CreateContainerError",
  "ErrImageNeverPull",
  "ErrImagePull",
  "ImageInspectError",
  "ImagePullBackOff",
  "InvalidImageName",
  "PreCreateHookError",
  "PreStartHookError",
  "RegistryUnavailable",
  "RunContainerError",
];

/** Containers without which that of the node has no agent, in the order in which they start. */
const HELPERS: readonly string[] = [COPY_CONTAINER, HELPER_CONTAINER];

/** What is said of a pod of which it is not known yet who deletes it, and why. */
const DELETED = "its pod was deleted";
const BEING_DELETED = "its pod is being deleted";

/** Whether it may be said a moment later why a pod is lost. */
export function isUnexplained({ summary }: LossReason): boolean {
  return summary === DELETED || summary === BEING_DELETED;
}

/** Whether a container of the pod runs. */
export function runs(pod: PodView, container: string): boolean {
  return statusOf(pod, container)?.state?.running !== undefined;
}

/** How a container of the pod is. */
export function statusOf(pod: PodView, container: string): ContainerStatus | undefined {
  if (pod === undefined || pod === "gone") return undefined;
  const { initContainerStatuses = [], containerStatuses = [] } = pod.status ?? {};
  return [...initContainerStatuses, ...containerStatuses].find(({ name }) => name === container);
}

/**
 * Whether nothing is reserved of a machine's processors for the node of a pod, neither by itself nor by
 * the namespace: then it gets what others leave.
 */
export function asksForNoCpu(pod: PodView): boolean {
  if (pod === undefined || pod === "gone") return false;
  const node = pod.spec?.containers?.find(({ name }) => name === NODE_CONTAINER);
  return node !== undefined && node.resources?.requests?.cpu === undefined;
}

/** What the scheduler says of a pod for which it has found no machine. */
export function unscheduled(pod: PodView): string | undefined {
  const condition = conditionOf(pod, "PodScheduled");
  if (condition?.status !== "False") return undefined;
  return condition.message ?? condition.reason ?? "the scheduler does not say why";
}

/** Whether a machine was found for it. */
export function isScheduled(pod: PodView): boolean {
  return pod !== undefined && pod !== "gone" &&
    (pod.spec?.nodeName !== undefined || conditionOf(pod, "PodScheduled")?.status === "True");
}

/** Why the pod will never run, as a clause; `undefined` if it may. The scheduler is another matter. */
export function hopeless(pod: PodView, memory: MemoryAmount | undefined): string | undefined {
  const lost = lossOf(pod, memory);
  if (lost !== undefined) return lost.summary;
  for (const { name, state } of containersOf(pod)) {
    const failure = cannotStart(name, state?.waiting);
    if (failure !== undefined) return failure;
  }
  return undefined;
}

/** Why what is beside a node is not there, or not any more, as a clause; `undefined` if it may come. */
export function sidecarEnd(pod: PodView): string | undefined {
  const terminated = statusOf(pod, SIDECAR_CONTAINER)?.state?.terminated;
  if (terminated === undefined) return hopeless(pod, undefined);
  const { exitCode, reason = "Error", message } = terminated;
  return `${
    whose(SIDECAR_CONTAINER)
  } ended with exit code ${exitCode}, and those of a pod do not start ` +
    `again: ${said(reason, message)}`;
}

/** Why the node of a pod is gone, or about to be; `undefined` while it is not. */
export function lossOf(pod: PodView, memory: MemoryAmount | undefined): LossReason | undefined {
  if (pod === undefined) return undefined;
  if (pod === "gone") return { summary: DELETED };
  const { status, metadata } = pod;
  // Of a pod that was evicted the status says less of its containers than of itself.
  if (status?.phase === "Failed" && status.reason) {
    return { summary: podFailure(status.reason, status.message) };
  }
  const end = endOf(pod);
  if (end !== undefined) return explainEnd(end, { memory, log: [] });
  const failure = failedHelper(pod) ?? failedStart(pod);
  if (failure !== undefined) return { summary: failure };
  if (metadata.deletionTimestamp !== undefined) return { summary: disruption(pod) };
  if (status?.phase === "Failed") return { summary: "its pod has failed" };
  return undefined;
}

/** How the container of the node has ended, if it has. */
export function endOf(pod: PodView): ContainerEnd | undefined {
  const terminated = statusOf(pod, NODE_CONTAINER)?.state?.terminated;
  if (terminated === undefined || isStartFailure(terminated.reason)) return undefined;
  return { exitCode: terminated.exitCode, outOfMemory: terminated.reason === "OOMKilled" };
}

function isStartFailure(reason: string | undefined): boolean {
  return reason === "ContainerCannotRun" || reason === "StartError";
}

/** The container of the node is started, and fails, although what was to bring its agent has failed before. */
function failedHelper(pod: Pod): string | undefined {
  if (runs(pod, NODE_CONTAINER)) return undefined;
  for (const name of HELPERS) {
    const { waiting, terminated } = statusOf(pod, name)?.state ?? {};
    const failure = cannotStart(name, waiting) ?? cannotStart(name, terminated);
    if (failure !== undefined) return failure;
    if (terminated === undefined || terminated.exitCode === 0) continue;
    const { exitCode, reason = "Error", message } = terminated;
    return `${whose(name)} ended with exit code ${exitCode}: ${said(reason, message)}`;
  }
  return undefined;
}

function failedStart(pod: Pod): string | undefined {
  for (const { name, state } of containersOf(pod)) {
    // Without what is beside it a node goes on.
    if (name === SIDECAR_CONTAINER || HELPERS.includes(name)) continue;
    const failure = cannotStart(name, state?.terminated);
    if (failure !== undefined) return failure;
  }
  return undefined;
}

/** What is said of a container that waits for what will not come, or has ended without a start. */
function cannotStart(
  name: string,
  { reason = "", message }: { readonly reason?: string; readonly message?: string } = {},
): string | undefined {
  if (!HOPELESS.includes(reason) && !isStartFailure(reason)) return undefined;
  return `${whose(name)} cannot start: ${said(reason, message)}`;
}

function whose(container: string): string {
  return container === NODE_CONTAINER ? "its container" : `its container "${container}"`;
}

function containersOf(pod: PodView): readonly ContainerStatus[] {
  if (pod === undefined || pod === "gone") return [];
  return [...pod.status?.initContainerStatuses ?? [], ...pod.status?.containerStatuses ?? []];
}

function conditionOf(pod: PodView, type: string): PodCondition | undefined {
  if (pod === undefined || pod === "gone") return undefined;
  return pod.status?.conditions?.find((condition) => condition.type === type);
}

function podFailure(reason: string, message: string | undefined): string {
  const what = reason === "DeadlineExceeded"
    ? "its pod has come to the end of the longest life that it may have"
    : reason === "Evicted"
    ? "its pod was evicted from its machine"
    : "its pod has failed";
  return `${what}: ${said(reason, message)}`;
}

/** Newer servers say in a condition why they delete a pod. */
function disruption(pod: Pod): string {
  const target = conditionOf(pod, "DisruptionTarget");
  if (target?.status !== "True") return BEING_DELETED;
  return `${BEING_DELETED}: ${said(target.reason ?? "DisruptionTarget", target.message)}`;
}

function said(reason: string, message: string | undefined): string {
  return message ? `${message.trim()} (${reason})` : reason;
}
