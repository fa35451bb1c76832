/**
 * What backends share: their contract with a cluster, and the parts that they are made of.
 *
 * @module
 */
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
  OptionKind,
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
export { AGENT_ABILITIES } from "./abilities.ts";
export { agentLease, agentLife } from "./agent_life.ts";
export { AgentNode } from "./agent_node.ts";
export type { NodeResource } from "./node_resource.ts";
export { createFleet } from "./cluster_fleet.ts";
export { killInPlace, startInPlace } from "./crash_in_place.ts";
export { CurrentHost } from "./current_host.ts";
export { explainEnd, logDetails } from "./explain_end.ts";
export type { ContainerEnd } from "./explain_end.ts";
export { filesOfAgent } from "./files_of_agent.ts";
export { giveBack } from "./give_back.ts";
export { HostsFile } from "./hosts_file.ts";
export type { HostsAuthor, HostsChange, HostsEntry } from "./hosts_file.ts";
export type { HealthCheck, ImageProgram } from "./image_program.ts";
export { ProviderNodes } from "./provider_nodes.ts";
export { isPacketDeed, obstacleTo } from "./kernel_needs.ts";
export type { KernelQuestion, OncePerKernel, PacketDeed } from "./kernel_needs.ts";
export { isLittleMemory, memoryBytes } from "./memory_amount.ts";
export type { MemoryAmount } from "./memory_amount.ts";
export { TextTail } from "./text_tail.ts";
