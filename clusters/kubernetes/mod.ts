/**
 * Access to clusters of Kubernetes.
 *
 * @module
 */
export { ApiError, KubeApi } from "./api/mod.ts";
export type { KubeAccess } from "./api/mod.ts";
