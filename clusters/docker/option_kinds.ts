import { checkOptions, kinds, type OptionKinds } from "../options/mod.ts";
import type {
  Capabilities,
  DockerNodeOptions,
  DockerOptions,
  PublishedPort,
  Volume,
} from "./docker_options.ts";

const { anything, callback, flag, list, number, table, text } = kinds;

/** Of a node, besides what all nodes have. What has bounds is checked where options are merged. */
export const DOCKER_NODE_KINDS: OptionKinds<Omit<DockerNodeOptions, "name" | "env">> = {
  image: {
    description: "a string, or what is to be built: { context }",
    is: (value) => typeof value === "string" || typeof value === "object" && value !== null,
  },
  platform: anything,
  pull: anything,
  credentials: table,
  cpus: number("CPUs"),
  memory: anything,
  volumes: table,
  tmpfs: table,
  capabilities: table,
  sysctls: table,
  ports: list,
  user: text,
  readOnlyRoot: flag,
  network: text,
  labels: table,
  init: flag,
  startTimeout: number("milliseconds"),
  customize: callback,
};

/** Of `docker()`. */
export const DOCKER_KINDS: OptionKinds<DockerOptions> = {
  ...DOCKER_NODE_KINDS,
  env: table,
  host: text,
  certPath: text,
  context: text,
};

const CAPABILITIES_KINDS: OptionKinds<Capabilities> = { add: list, drop: list };

const PORT_KINDS: OptionKinds<PublishedPort> = {
  port: anything,
  transport: kinds.oneOf("tcp", "udp"),
  hostPort: anything,
  hostname: text,
};

const VOLUME_KINDS: OptionKinds<Volume> = { source: text, readOnly: flag };

/** Checks what is within options: their names, and their kinds. */
export function checkNestedOptions({ capabilities, ports = [], volumes }: DockerNodeOptions): void {
  checkOptions("use capabilities", capabilities, CAPABILITIES_KINDS);
  for (const port of ports) checkOptions("use a port", port, PORT_KINDS);
  for (const [path, volume] of Object.entries(volumes ?? {})) {
    checkOptions(`use the volume "${path}"`, volume, VOLUME_KINDS);
  }
}
