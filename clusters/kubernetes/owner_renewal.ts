/**
 * Puts off the time at which the cluster removes all that a cluster of ours has: a module of renewals.
 *
 * @module
 */
import type { Renewal } from "../../agent/client/fleet.ts";
import type { Ownership } from "../ownership/mod.ts";
import { type KubeAccess, KubeApi } from "./api/mod.ts";
import { ownedLabels } from "./labels.ts";
import { scheduleOf, secondsOf } from "./owner_manifest.ts";

/** The owner that is renewed. */
export interface RenewedOwner {
  readonly access: KubeAccess;
  readonly ownership: Ownership;
  readonly name: string;
  /** Whether a schedule removes it, rather than the server. */
  readonly isScheduled: boolean;
  /** When it was made, in milliseconds since the epoch by the clock of the runner. */
  readonly begun: number;
  /** Milliseconds that it lasts without a renewal. */
  readonly lease: number;
}

/** Makes ready to renew a {@linkcode RenewedOwner}. */
export async function openRenewal(target: unknown): Promise<Renewal> {
  const owner = target as RenewedOwner;
  const api = await KubeApi.find(owner.access);
  return {
    renew: (signal) => renewOwner(api, owner, signal),
    [Symbol.dispose]: () => api[Symbol.dispose](),
  };
}

/** Renews it once. */
export async function renewOwner(
  api: KubeApi,
  { ownership, name, isScheduled, begun, lease }: RenewedOwner,
  signal: AbortSignal,
): Promise<void> {
  const seconds = secondsOf(Date.now() - begun + lease);
  if (isScheduled) {
    const patch = { spec: { schedule: scheduleOf(seconds) } };
    await api.patch("cronjobs", { name, patch, signal });
  }
  const labels = ownedLabels("owner", ownership, lease);
  const patch = { metadata: { labels }, spec: { ttlSecondsAfterFinished: seconds } };
  await api.patch("jobs", { name, patch, signal });
}
