/**
 * The local backend: nodes are folders and processes of this host.
 *
 * @module
 */
export { backendFromEnvironment, backendFromRecipe, local } from "./backend.ts";
export type { ThisHostOptions as LocalOptions } from "../this_host/mod.ts";
export type {
  AbilityName,
  Backend,
  BackendRecipe,
  ClusterContext,
  NodeOptions,
  Provider,
  SweepOptions,
  SweepReport,
} from "../kit/mod.ts";
