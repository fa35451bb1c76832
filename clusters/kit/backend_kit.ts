/**
 * For authors of backends: the contract of a backend with a cluster, and the parts that the backends
 * of this package are made of. `examples/backend/own_backend.ts` is a backend of one file; what nodes of a
 * backend have to do is tested by `testConformance()` of the export `./conformance`.
 *
 * A backend obtains a {@linkcode NodeResource} for each node, starts an agent in it, and gives it back;
 * an {@linkcode AgentNode} makes a node of it. Who owns a resource is recorded, as `ownerLabels()`,
 * before the resource is made; `causeOfDeath()` judges such labels in a sweep.
 *
 * @module
 */
export { obtainAgent } from "../../agent/build/obtain_agent.ts";
export type { AgentPack, AgentTarget, BuildOptions } from "../../agent/build/agent_pack.ts";
export { packArchive } from "../../agent/build/pack_archive.ts";
export type { AgentSockets, Fleet, FleetAgent, Launch } from "../../agent/client/fleet.ts";
export { Deadline } from "../../agent/deadline.ts";
export type { Host, MissingPart } from "../../agent/host/host.ts";
export { killStrays } from "../../agent/host/stray_processes.ts";
export type { StrayTraits } from "../../agent/host/stray_processes.ts";
export { allOrNone } from "../concurrency/mod.ts";
export type { AllOrNoneOptions } from "../concurrency/mod.ts";
export { BackendUnusableError, MissingAbilityError } from "../errors.ts";
export { causeOfDeath, ownerLabels, readOwnerLabels } from "../ownership/mod.ts";
export type { OwnerLabelOptions, OwnerLabels, Ownership } from "../ownership/mod.ts";
export { AgentNode } from "./agent_node.ts";
export type { NodeResource } from "./node_resource.ts";
export { HostsFile } from "./hosts_file.ts";
export type { HostsAuthor, HostsChange, HostsEntry } from "./hosts_file.ts";
export type {
  Abilities,
  AbilityName,
  FullDisk,
  Kill,
  Limit,
  MissingAbilities,
  MissingAbility,
  Needs,
  Partition,
  Pause,
  SpawnImage,
  Start,
} from "./abilities.ts";
export type {
  Backend,
  BackendRecipe,
  ClusterContext,
  Composition,
  CreateOptions,
  HeartbeatOptions,
  LossReason,
  NodeOptions,
  NodeRequest,
  ProcessIdentity,
  Provider,
  RunIdentity,
  ShellOffer,
  ShellThread,
  ShellWithdrawal,
  SweepOptions,
  SweepReport,
  SweptResource,
} from "./backend.ts";
export type {
  NodeNetwork,
  ProvidedNode,
  ShellPlace,
  Sidecar,
  StoredFiles,
} from "./provided_node.ts";
export { createFleet } from "./cluster_fleet.ts";
export { CurrentHost } from "./current_host.ts";
export type { HealthCheck, ImageProgram } from "./image_program.ts";
export type { KernelQuestion, OncePerKernel, PacketDeed } from "./kernel_needs.ts";
export { giveBack } from "./give_back.ts";
