import type { ClockOffset } from "./clock_offset.ts";
import type { Identity } from "../identity/identity.ts";
import type { KnownAgent } from "./agent_tls.ts";
import type { KeptAgentsOptions } from "./kept_agents.ts";
import type { ShellOffer, ShellWithdrawal } from "../shell/shell_offer.ts";
import type { RoutedAgent } from "./module_lease_route.ts";
import type { ModuleRenewal } from "./module_renewal.ts";
import type { LeaseSocket } from "./socket_lease_route.ts";
import type { TunnelledAgent } from "./tunnel_lease_route.ts";

/** An order to the thread that sends heartbeats. */
export type HeartbeatCommand =
  | { readonly type: "begin"; readonly options: KeptAgentsOptions; readonly runner: Identity }
  /** `id` is unique; a restarted node has another agent, and another id. */
  | {
    readonly type: "add";
    readonly id: number;
    readonly node: string | undefined;
    readonly agent: KnownAgent | TunnelledAgent | RoutedAgent | LeaseSocket;
  }
  /** `id` is that of no agent. */
  | { readonly type: "renew"; readonly id: number; readonly renewal: ModuleRenewal }
  /** Ends what "add" or "renew" began. */
  | { readonly type: "remove"; readonly id: number }
  | { readonly type: "offer"; readonly offer: ShellOffer }
  | { readonly type: "withdraw"; readonly withdrawal: ShellWithdrawal };

/** What is known of a node's clock. */
export interface ClockReading extends ClockOffset {
  readonly node: string | undefined;
}

/** What the thread says. */
export type HeartbeatReport =
  | ClockReading & { readonly type: "clock" }
  /** The agent that was added is kept from now on; at a socket, it can call. */
  | { readonly type: "added"; readonly id: number }
  /** The agent that was added cannot be kept. */
  | { readonly type: "refused"; readonly id: number; readonly message: string }
  /** Something threw that nobody caught, or a renewal has failed: then `renewed` says of what. */
  | { readonly type: "failure"; readonly message: string; readonly renewed?: string | undefined };
