import { fileURLToPath } from "node:url";
import { composed } from "../../../clusters/composed/mod.ts";
import { docker } from "../../../clusters/docker/mod.ts";
import type { Link } from "../../../clusters/links/mod.ts";
import { loopback } from "../../../clusters/loopback/mod.ts";
import type { Cluster } from "../../../clusters/cluster/mod.ts";
import type { Backend, NodeOptions } from "../../../clusters/kit/mod.ts";
import type { Node } from "../../../clusters/node/mod.ts";
import type { ServicePorts } from "./tcp_services.ts";

/** Where the container has Deno, and the program of the services. */
const DENO = "/bench/deno";
const PROGRAMS = "/bench/peers";

/** Ports of the services in their container, and published at 127.0.0.1. */
const PORTS: ServicePorts = { echo: 17101, source: 17102, sink: 17103 };

/** Services in a container that is a node, and whose ports the engine publishes. */
export interface ContainerServices {
  readonly node: Node;
  /** Leads to a port of it from a node that is a process of this machine, through the test. */
  readonly link: (port: number) => Promise<Link>;
  /** The ports in the container, and those at 127.0.0.1 that the engine leads there. */
  readonly ports: ServicePorts;
}

/** A backend whose containers have Deno, and publish the ports of the services. */
function backendWithServices(image: string): Backend<NodeOptions> {
  const programs = fileURLToPath(new URL(".", import.meta.url));
  return docker({
    image,
    customize: (request) => {
      const host = request.HostConfig as Record<string, unknown>;
      const published = Object.values(PORTS).map((port) => `${port}/tcp`);
      const bindings = Object.values(PORTS).map((port) => [
        `${port}/tcp`,
        [{ HostIp: "127.0.0.1", HostPort: `${port}` }],
      ]);
      const exposed = Object.fromEntries(published.map((port) => [port, {}]));
      host.Binds = [`${Deno.execPath()}:${DENO}:ro`, `${programs}:${PROGRAMS}:ro`];
      host.PortBindings = { ...host.PortBindings as object, ...Object.fromEntries(bindings) };
      request.ExposedPorts = { ...request.ExposedPorts as object, ...exposed };
    },
  });
}

/** Starts the services; the image needs the C library that this machine's Deno needs. */
export async function startContainerServices(
  makeCluster: <O extends NodeOptions>(backend: Backend<O>) => Promise<Cluster<O>>,
  image: string,
): Promise<ContainerServices> {
  const cluster = await makeCluster(
    composed({ box: backendWithServices(image), here: loopback() }),
  );
  const [node, beside] = await cluster.addNodes([{ in: "box" }, { in: "here" }]);
  const program = `${PROGRAMS}/tcp_services_main.ts`;
  const ports = [PORTS.echo, PORTS.source, PORTS.sink].map(String);
  const process = await node.spawn(
    DENO,
    ["run", "--no-config", "--allow-net", program, "0.0.0.0", ...ports],
    { stdout: "piped", env: { DENO_DIR: "/tmp/deno", HOME: "/tmp" } },
  );
  const reader = process.stdout.getReader();
  const { done } = await reader.read();
  reader.releaseLock();
  if (done) throw new Error(`The services did not start: ${(await process.log()).stderr}`);
  const link = (port: number) => cluster.link(beside, node, port, { relay: true });
  return { node, link, ports: PORTS };
}
