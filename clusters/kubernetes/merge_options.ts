import { type MemoryAmount, memoryBytes } from "../kit/mod.ts";
import { refuseOption } from "../options/mod.ts";
import type { KubernetesNodeOptions, PodOptions } from "./kubernetes_options.ts";
import { checkNestedOptions } from "./option_kinds.ts";

/** Options that are tables: a node's entries are added to the backend's. */
const TABLES = ["env", "labels", "annotations", "nodeSelector", "volumes"] as const;

/** An image with BusyBox that every cluster with a way to Docker's registry can pull. */
export const HELPER_IMAGE = "busybox:1.37";

/**
 * What a node is: the backend's options, overridden by its own. Throws a `TypeError` or `RangeError`
 * when something in them cannot be.
 */
export function mergeOptions(
  backend: KubernetesNodeOptions,
  node: KubernetesNodeOptions = {},
): PodOptions {
  const own = Object.fromEntries(Object.entries(node).filter(([, value]) => value !== undefined));
  const tables = TABLES.map((key) => [key, { ...backend[key], ...node[key] }]);
  const { name: _, image, helperImage = HELPER_IMAGE, ...merged }: KubernetesNodeOptions = {
    ...backend,
    ...own,
    ...Object.fromEntries(tables),
  };
  if (!image) {
    throw new TypeError(
      "Cannot make a node without an image: say kubernetes({ image }) or set " +
        "CLUSTERTEST_KUBERNETES_IMAGE",
    );
  }
  validateOptions({ ...merged, image });
  return { ...merged, image, helperImage };
}

/** Throws when something in the options cannot be, before anything is started. */
export function validateOptions(options: KubernetesNodeOptions): void {
  checkNestedOptions(options);
  const { cpus, memory, requests, user, scheduleTimeout, startTimeout } = options;
  checkCpus("cpus", cpus);
  checkCpus("cpus of requests", requests?.cpus);
  if (memory !== undefined) memoryBytes(memory);
  if (requests?.memory !== undefined) requestedBytes(requests.memory);
  if (user !== undefined) userNumbers(user);
  checkTime("scheduleTimeout", scheduleTimeout);
  checkTime("startTimeout", startTimeout);
  for (const path of Object.keys(options.volumes ?? {})) {
    if (!/^\/[^:]+$/.test(path)) {
      refuseOption("path of a volume", path, "absolute, without a colon");
    }
  }
  for (const key of Object.keys(options.labels ?? {})) {
    if (!key.startsWith("clustertest")) continue;
    refuseOption("label", key, 'one that "clustertest" does not begin');
  }
}

/** The bytes that a scheduler is to reserve; unlike a limit, that may be little. */
export function requestedBytes(memory: MemoryAmount): number {
  if (typeof memory === "number" && memory > 0 && Number.isFinite(memory)) {
    return Math.round(memory);
  }
  const [, digits, unit = ""] = /^(\d+(?:\.\d+)?)([kmg]?)$/.exec(String(memory)) ?? [];
  const power = ["", "k", "m", "g"].indexOf(unit);
  const bytes = Math.round(Number(digits) * 1024 ** power);
  if (bytes > 0) return bytes;
  refuseOption("memory of requests", memory, 'bytes, or a number with "k", "m" or "g"');
}

/** The numbers of a user and, if it was said, of a group. */
export function userNumbers(user: string): { readonly uid: number; readonly gid?: number } {
  const [, uid, gid] = /^(\d{1,10})(?::(\d{1,10}))?$/.exec(user) ?? [];
  if (uid === undefined) {
    refuseOption("user", user, 'numbers, as in "1000" or "1000:1000": a pod knows no names');
  }
  return { uid: Number(uid), ...gid === undefined ? {} : { gid: Number(gid) } };
}

function checkCpus(option: string, cpus: number | undefined): void {
  if (cpus !== undefined && !(cpus >= 0.001)) refuseOption(option, cpus, "a number from 0.001 on");
}

/** Throws when that is no time: also of what only a backend has. */
export function checkTime(option: string, time: number | undefined): void {
  if (time === undefined || time > 0) return;
  refuseOption(option, time, "a number of milliseconds above 0");
}
