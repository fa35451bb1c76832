import type { ContainerOptions, DockerNodeOptions, PublishedPort } from "./docker_options.ts";
import { CONTAINER_AGENT_PORT } from "./create_request.ts";
import { memoryBytes } from "../kit/mod.ts";
import { refuseOption } from "../options/mod.ts";
import { checkNestedOptions } from "./option_kinds.ts";
import { planBuild } from "./builds/image_build.ts";
import { parseReference } from "./images/reference.ts";

/** Options that are tables: a node's entries are added to the backend's. */
const TABLES = ["env", "labels", "sysctls", "tmpfs", "volumes"] as const;

/**
 * What a node is: the backend's options, overridden by its own. Throws a `TypeError` or
 * `RangeError` when something in them cannot be.
 */
export function mergeOptions(
  backend: DockerNodeOptions,
  node: DockerNodeOptions = {},
): ContainerOptions {
  const own = Object.fromEntries(Object.entries(node).filter(([, value]) => value !== undefined));
  const tables = TABLES.map((key) => [key, { ...backend[key], ...node[key] }]);
  const { name: _, image, ...merged }: DockerNodeOptions = {
    ...backend,
    ...own,
    ...Object.fromEntries(tables),
  };
  if (!image) {
    throw new TypeError(
      "Cannot make a node without an image: say docker({ image }) or set CLUSTERTEST_DOCKER_IMAGE",
    );
  }
  validateOptions({ ...merged, image });
  if (typeof image === "string") return { ...merged, image };
  const build = planBuild(image);
  return { ...merged, image: build.context, build };
}

/** Throws when something in the options cannot be, before anything is started. */
export function validateOptions(options: DockerNodeOptions): void {
  checkNestedOptions(options);
  const { image, cpus, memory, platform, pull, network, startTimeout, ports = [] } = options;
  if (typeof image === "object") planBuild(image);
  else if (image) parseReference(image);
  if (cpus !== undefined && !(cpus > 0)) refuseOption("cpus", cpus, "a number above 0");
  if (memory !== undefined) memoryBytes(memory);
  expectOneOf("platform", platform, ["linux/amd64", "linux/arm64"]);
  expectOneOf("pull", pull, ["missing", "always", "never"]);
  if (network === "none") refuseOption("network", network, "a network: an agent has to be reached");
  if (startTimeout !== undefined && !(startTimeout > 0)) {
    refuseOption("startTimeout", startTimeout, "a number of milliseconds above 0");
  }
  checkPorts(ports);
  for (const path of [...Object.keys(options.volumes ?? {}), ...Object.keys(options.tmpfs ?? {})]) {
    if (!path.startsWith("/")) refuseOption("path of a volume", path, "absolute");
  }
  for (const key of Object.keys(options.labels ?? {})) {
    if (key.startsWith("clustertest")) {
      refuseOption("label", key, 'one that "clustertest" does not begin');
    }
  }
}

function checkPorts(ports: readonly PublishedPort[]): void {
  const taken = new Set([`${CONTAINER_AGENT_PORT}/tcp`]);
  for (const { port, transport = "tcp", hostPort = 0 } of ports) {
    const key = `${port}/${transport}`;
    if (taken.has(key)) refuseOption("port", key, "one that is not published already");
    taken.add(key);
    if (!isPort(port) || port === 0) refuseOption("port", port, "a number from 1 to 65535");
    if (!isPort(hostPort)) refuseOption("hostPort", hostPort, "a number from 0 to 65535");
  }
}

function expectOneOf(option: string, value: string | undefined, known: readonly string[]): void {
  if (value === undefined || known.includes(value)) return;
  refuseOption(option, value, `one of ${known.map((each) => `"${each}"`).join(", ")}`);
}

function isPort(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= 65535;
}
