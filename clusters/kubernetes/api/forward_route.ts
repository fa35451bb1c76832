/**
 * How agents in pods are reached, by any thread: a module of routes.
 *
 * @module
 */
import type { RouteAccess } from "../../../agent/client/fleet.ts";
import { KubeApi } from "./kube_api.ts";
import type { KubeAccess } from "./kube_access.ts";

/** A port of a pod's loopback. */
interface ForwardTarget {
  readonly pod: string;
  readonly port: number;
}

/** Makes ready to reach pods of a cluster. */
export async function openAccess(access: unknown): Promise<RouteAccess> {
  const api = await KubeApi.find(access as KubeAccess);
  return {
    dial: (target, signal) => api.dial({ ...target as ForwardTarget, signal }),
    [Symbol.asyncDispose]: () => Promise.resolve(api[Symbol.dispose]()),
  };
}
