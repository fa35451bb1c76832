import type { FleetAgent } from "../../agent/client/fleet.ts";
import type { Container, ContainerInspection } from "./container.ts";
import { BRIDGE } from "./control_network.ts";
import { AGENT_PORT } from "./create_request.ts";

/**
 * Finds the agent of a container again that was taken out of the network through which it was reached:
 * in `network`, if it is there, or else in the engine's default one. Of a container that has ended it
 * finds nothing.
 */
export async function joinFallbackNetwork(
  container: Container,
  { network, connection }: { network: string; connection: Pick<FleetAgent, "move"> },
): Promise<void> {
  const inspection = await container.inspect();
  if (!inspection?.State.Running) return;
  const hostname = addressIn(network, inspection) ?? addressIn(BRIDGE, inspection) ??
    await joinDefault(container);
  if (hostname !== undefined) connection.move({ hostname, port: AGENT_PORT });
}

async function joinDefault(container: Container): Promise<string | undefined> {
  await container.join(BRIDGE);
  const inspection = await container.inspect();
  return inspection && addressIn(BRIDGE, inspection);
}

function addressIn(
  network: string,
  { NetworkSettings }: ContainerInspection,
): string | undefined {
  return NetworkSettings.Networks[network]?.IPAddress || undefined;
}
