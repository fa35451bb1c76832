/**
 * The thread that keeps the leases of a cluster's nodes: neither busy test code nor a breakpoint
 * keeps it from that. Each node has a connection of its own, apart from bulk data.
 *
 * @module
 */
import type { Identity } from "../identity/identity.ts";
import type { OfferedHosts } from "../shell/offered_hosts.ts";
import type { ShellOffer } from "../shell/shell_offer.ts";
import type { HeartbeatCommand, HeartbeatReport } from "./heartbeat_messages.ts";
import type { ClockOffset } from "./clock_offset.ts";
import { KeptAgents } from "./kept_agents.ts";
import type { KeptRenewals } from "./kept_renewals.ts";
import type { LeaseEvents, LeaseRoute } from "./lease_route.ts";
import type { RouteAccesses } from "./module_route.ts";
import { SocketLeaseRoute } from "./socket_lease_route.ts";

/** What this thread works with once it was told who sends heartbeats. */
interface Begun {
  readonly agents: KeptAgents;
  readonly runner: Identity;
}

type Add = Extract<HeartbeatCommand, { type: "add" }>;
type Renew = Extract<HeartbeatCommand, { type: "renew" }>;

let begun: Begun | undefined;
let accesses: RouteAccesses | undefined;
let shells: OfferedHosts<ShellOffer> | undefined;
let renewals: KeptRenewals | undefined;
/** Commands are followed one after the other. */
let following: Promise<void> = Promise.resolve();

async function follow(command: HeartbeatCommand): Promise<void> {
  switch (command.type) {
    case "begin":
      begun = { agents: new KeptAgents(command.options), runner: command.runner };
      return;
    case "add":
      return await add(command);
    case "renew":
      return await renew(command);
    case "remove":
      renewals?.remove(command.id);
      return await begun?.agents.remove(command.id);
    case "offer":
      return await offer(command.offer);
    case "withdraw":
      return shells?.withdraw(command.withdrawal);
    default:
      throw new TypeError(`Unknown command ${command satisfies never}`);
  }
}

async function renew({ id, renewal }: Renew): Promise<void> {
  const { KeptRenewals } = await import("./kept_renewals.ts");
  renewals ??= new KeptRenewals((message, renewed) =>
    report({ type: "failure", message, renewed })
  );
  renewals.add(id, renewal);
}

async function offer(offered: ShellOffer): Promise<void> {
  const { OfferedHosts } = await import("../shell/offered_hosts.ts");
  shells ??= new OfferedHosts(({ node }, signal) => begun!.agents.openHost(node, { signal }));
  shells.offer(offered);
}

async function add({ id, node, agent }: Add): Promise<void> {
  if (!begun) throw new Error("Cannot send heartbeats: it was not said who sends them");
  const { agents } = begun;
  try {
    const onClock = (clock: ClockOffset) => report({ type: "clock", node, ...clock });
    agents.add(id, { node, route: await routeTo(agent, begun), onClock });
    report({ type: "added", id });
  } catch (error) {
    report({ type: "refused", id, message: (error as Error).message });
  }
}

async function routeTo(
  agent: Add["agent"],
  { runner, agents }: Begun,
): Promise<(events: LeaseEvents) => LeaseRoute> {
  if ("path" in agent) return (events) => new SocketLeaseRoute(agent, events);
  if ("route" in agent) {
    const { moduleLeaseRoute } = await import("./module_lease_route.ts");
    const { RouteAccesses } = await import("./module_route.ts");
    const options = { runner, accesses: accesses ??= new RouteAccesses() };
    return (events) => moduleLeaseRoute(agent, options, events);
  }
  if ("through" in agent) {
    const { TunnelLeaseRoute } = await import("./tunnel_lease_route.ts");
    const openHost = (node: string) => agents.openHost(node);
    return (events) => new TunnelLeaseRoute(agent, { runner, openHost }, events);
  }
  // What speaks TLS is loaded where an agent does.
  const { TlsLeaseRoute } = await import("./tls_lease_route.ts");
  return (events) => new TlsLeaseRoute(agent, runner, events);
}

function report(what: HeartbeatReport): void {
  postMessage(what);
}

// One connection's failure, uncaught in the network stack beneath, would end this thread, and with it
// every lease and the test. The next beat opens another connection.
self.addEventListener("error", (event) => {
  event.preventDefault();
  report({ type: "failure", message: event.message });
});
self.addEventListener("unhandledrejection", (event) => {
  event.preventDefault();
  report({ type: "failure", message: String(event.reason) });
});

self.onmessage = ({ data }: MessageEvent<HeartbeatCommand>) => {
  // Who looks into a node hears of its end before all connections with it have ended.
  if (data.type === "withdraw") shells?.withdraw(data.withdrawal);
  following = following.then(() => follow(data)).catch((error) =>
    report({ type: "failure", message: String(error) })
  );
};
