/**
 * What the containers of a pod are described by.
 *
 * @module
 */
import type { PodOptions } from "./kubernetes_options.ts";
import { requestedBytes } from "./merge_options.ts";

/** Seconds that helpers wait at most: shells count milliseconds in few bits. */
const MAX_START = 1_000_000;

/** What a container gets at most, and what is reserved for it. */
export function resources(
  { cpus, memory, requests = {} }: Pick<PodOptions, "cpus" | "memory" | "requests">,
): Record<string, unknown> {
  const limits = {
    ...cpus !== undefined && { cpu: cpuQuantity(cpus) },
    ...memory !== undefined && { memory: String(requestedBytes(memory)) },
  };
  const reserved = {
    ...limits,
    ...requests.cpus !== undefined && { cpu: cpuQuantity(requests.cpus) },
    ...requests.memory !== undefined && { memory: String(requestedBytes(requests.memory)) },
  };
  return { limits, requests: reserved };
}

/** In thousandths: no quantity has a finer unit. */
function cpuQuantity(cpus: number): string {
  return `${Math.round(cpus * 1000)}m`;
}

/** A volume of the pod, as a container sees it. */
export function mount(
  name: string,
  mountPath: string,
  more: { readonly readOnly?: boolean; readonly subPath?: string } = {},
): Record<string, unknown> {
  return { name, mountPath, ...more };
}

/** A volume with one key of a Secret, whatever else that has, as the file `path`. */
export function secretVolume(
  name: string,
  secret: { readonly name: string; readonly key: string; readonly path: string },
): Record<string, unknown> {
  const { name: secretName, key, path } = secret;
  return { name, secret: { secretName, items: [{ key, path }] } };
}

/** Variables of a container. */
export function variables(env: Readonly<Record<string, string>>): unknown[] {
  return Object.entries(env).map(([name, value]) => ({ name, value }));
}

/** How long helpers wait for a node that will not come: nobody may be left who would end them. */
export function startLimit(
  { startTimeout }: { readonly startTimeout: number },
): Record<string, string> {
  return { START_SECONDS: String(Math.min(Math.ceil(startTimeout / 1000), MAX_START)) };
}
