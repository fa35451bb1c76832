/**
 * The loopback backend: nodes are agents that run as processes of this host.
 *
 * @module
 */
export { backendFromEnvironment, backendFromRecipe, loopback } from "./backend.ts";
export type { ThisHostOptions as LoopbackOptions } from "../this_host/mod.ts";
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
