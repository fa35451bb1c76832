/**
 * What backends share whose nodes are machines of a provider: how they boot and fetch their agent, are
 * looked at, start, come again after a restart, and what they cost.
 *
 * @module
 */
export { ensureAgentObject } from "./agent_object.ts";
export type { AgentObject, AgentStore, PutOptions } from "./agent_object.ts";
export { awaitListener } from "./await_listener.ts";
export { Bill } from "./bill.ts";
export type { Price, PriceOf } from "./bill.ts";
export { bootScript } from "./boot_script.ts";
export type { BootPlan } from "./boot_script.ts";
export { MachineDisks } from "./machine_disks.ts";
export { MachinePoll } from "./machine_poll.ts";
export type { PollOptions, SeenMachine } from "./machine_poll.ts";
export { NodeStarts } from "./node_starts.ts";
export type { FailedStart, NodeStart, NodeStartsOptions } from "./node_starts.ts";
export { NextBoot } from "./next_boot.ts";
export type { NextBootOptions } from "./next_boot.ts";
