import type { CreateRequest } from "../../../docker/docker_options.ts";
import type { MachinePlace } from "./machine_place.ts";
import type { MachinePlan } from "./machine.ts";

/** Ports that are published for a machine at most: what opens more is meant for other tests. */
const MAX_PORTS = 10;

/** The body of the request that creates the container of a machine. */
export function machineRequest(
  { addresses, openPorts }: MachinePlan,
  { network, image, labels }: MachinePlace,
): CreateRequest {
  const ports = openPorts.flatMap(({ from, to }) => {
    if (to - from >= MAX_PORTS) throw new RangeError(`Cannot publish ${to - from + 1} ports`);
    return Array.from({ length: to - from + 1 }, (_, index) => `${from + index}`);
  });
  const bindings = addresses.public === undefined ? [] : ports.map((port) => [
    `${port}/tcp`,
    [{ HostIp: addresses.public, HostPort: port }],
  ]);
  return {
    Image: image,
    Hostname: `ip-${addresses.private.replaceAll(".", "-")}`,
    Labels: labels,
    Entrypoint: ["/usr/local/lib/machine/boot"],
    Cmd: [],
    // A console has no second output.
    Tty: true,
    StopSignal: "SIGTERM",
    ExposedPorts: Object.fromEntries(bindings.map(([port]) => [port, {}])),
    HostConfig: {
      Init: true,
      // Root may change the network of an instance.
      CapAdd: ["NET_ADMIN"],
      NetworkMode: network.name,
      PortBindings: Object.fromEntries(bindings),
      LogConfig: { Type: "json-file", Config: { "max-size": "1m" } },
    },
    NetworkingConfig: {
      EndpointsConfig: {
        [network.name]: { IPAMConfig: { IPv4Address: addresses.private } },
      },
    },
  };
}
