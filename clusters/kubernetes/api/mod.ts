/**
 * Access to the API server of a cluster: which one it is and who one is there, calls, watches, commands
 * in pods, and connections to their ports.
 *
 * @module
 */
export { ApiError, hasStatus } from "./api_error.ts";
export type { CountedInput, ExecOptions, ExecResult } from "./exec_in_pod.ts";
export type { Kind, Verb } from "./kinds.ts";
export type { KubeAccess } from "./kube_access.ts";
export { KubeApi } from "./kube_api.ts";
export type {
  DeleteOptions,
  KubeCallOptions,
  KubeList,
  KubeObject,
  KubeVersion,
  Selection,
} from "./kube_objects.ts";
export { unusable } from "./unusable.ts";
export type { WatchEvent } from "./watch_objects.ts";
