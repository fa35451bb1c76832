import { SOCKETS_DIR } from "../agent_container.ts";
import type { DockerNodeOptions } from "../docker_options.ts";

/**
 * Takes the sockets out of a node's container, so that its agent is reached as on another machine: over
 * TLS, through a port that the engine publishes.
 */
export const withoutSockets: DockerNodeOptions = {
  customize: (request) => {
    const { Mounts, ...config } = request.HostConfig as { Mounts: { Target: string }[] };
    const others = Mounts.filter(({ Target }) => Target !== SOCKETS_DIR);
    request.HostConfig = { ...config, Mounts: others };
  },
};
