import type { MemoryAmount, NodeOptions } from "../kit/mod.ts";
import type { ImageBuild, PlannedBuild } from "./builds/image_build.ts";

/** The options of a node on an engine. Those of a node override those of its backend. */
export interface DockerNodeOptions extends NodeOptions {
  /**
   * The reference of the image, or what the engine is to build. Any image will do, also one from `scratch`:
   * the agent brings all that it needs. @default the variable `CLUSTERTEST_DOCKER_IMAGE`
   */
  readonly image?: string | ImageBuild | undefined;
  /** The platform, as in `"linux/arm64"`; the engine must be able to run it. @default the engine's own */
  readonly platform?: "linux/amd64" | "linux/arm64" | undefined;
  /**
   * When to pull the image: when the engine does not have it, for every cluster, or never. With `"always"`,
   * an image that is built is built for every cluster, and its base images are pulled for that.
   * @default "missing"
   */
  readonly pull?: "missing" | "always" | "never" | undefined;
  /**
   * Credentials for pulling the image. They are sent to the engine, and stored nowhere.
   * @default those that `docker login` stored, in its file or by a credential helper
   */
  readonly credentials?: RegistryCredentials | undefined;
  /** How many CPUs' worth of time the node gets, as in `0.5`. @default no limit */
  readonly cpus?: number | undefined;
  /**
   * Bytes of memory, or a number with `k`, `m` or `g`, as in `"512m"`; at least 96 MiB. Processes that need
   * more are killed. It includes the memory of the agent: some 30 MiB, up to 75 MiB during transfers, and up
   * to 130 MiB with a limit of 256 MiB or more, where it trades memory for speed. @default no limit
   */
  readonly memory?: MemoryAmount | undefined;
  /** Volumes and folders that are mounted, by absolute path in the node. */
  readonly volumes?: Readonly<Record<string, Volume>> | undefined;
  /** File systems in memory, by absolute path: mount options, as in `"size=64m,mode=1777"`. */
  readonly tmpfs?: Readonly<Record<string, string>> | undefined;
  /** Kernel capabilities beyond, or out of, the engine's usual ones, as in `"NET_ADMIN"`. */
  readonly capabilities?: Capabilities | undefined;
  /** Kernel parameters of the node's own namespaces, as in `{ "net.core.somaxconn": "1024" }`. */
  readonly sysctls?: Readonly<Record<string, string>> | undefined;
  /**
   * Ports that are published on the engine's machine. Tests rarely need this: `node.forward()` reaches ports
   * that are not published.
   */
  readonly ports?: readonly PublishedPort[] | undefined;
  /** The user of the container: `"postgres"`, `"1000"` or `"1000:1000"`. @default the image's */
  readonly user?: string | undefined;
  /** Makes the image's files read-only; the node's `rootDir` stays writable. @default false */
  readonly readOnlyRoot?: boolean | undefined;
  /**
   * The name of an existing network that nodes join in place of their cluster's own. It is not removed at
   * the end. `"host"` is the network of the engine's machine.
   */
  readonly network?: string | undefined;
  /** Labels of the container. Those that begin with `clustertest` are reserved. */
  readonly labels?: Readonly<Record<string, string>> | undefined;
  /**
   * Run the engine's small init as process 1, which reaps orphans. `false` is for engines without one.
   * @default true
   */
  readonly init?: boolean | undefined;
  /**
   * Milliseconds that a node has from the start of its container until its agent answers. An agent that
   * nobody reaches, since the runner and the guardian have died meanwhile, ends its container after as long.
   * @default 120000, which is two minutes
   */
  readonly startTimeout?: number | undefined;
  /**
   * Changes the request just before the container is created, for settings that have no option here. The
   * request is the body of `POST /containers/create` as the Engine API describes it. It may be changed in
   * place or replaced by the result. It is easy to break what the agent needs.
   */
  readonly customize?:
    | ((request: CreateRequest, node: { readonly name: string }) => Customized)
    | undefined;
}

/** The body of `POST /containers/create`, as the engine's documentation describes it. */
export type CreateRequest = Record<string, unknown>;

/** What a `customize` hook gives back: another request, or nothing when it changed the given one. */
export type Customized = CreateRequest | void | Promise<CreateRequest | void>;

/** The engine, and the options of nodes that do not say otherwise. */
export interface DockerOptions extends Omit<DockerNodeOptions, "name"> {
  /**
   * Address of the engine, as in `DOCKER_HOST`: `unix:///path`, `tcp://host:port` or
   * `ssh://user@host`. @default where the Docker command line finds it
   */
  readonly host?: string | undefined;
  /**
   * Folder with `ca.pem`, and `cert.pem` and `key.pem` for engines that ask for them: then `host` is
   * reached by TLS. @default as `DOCKER_TLS_VERIFY` and `DOCKER_CERT_PATH` say
   */
  readonly certPath?: string | undefined;
  /** Name of a context of the Docker command line. */
  readonly context?: string | undefined;
}

/** Credentials for a registry: a name with a password or an access token, or an identity token alone. */
export type RegistryCredentials =
  | { readonly username: string; readonly password: string }
  | { readonly identityToken: string };

/** A volume of the engine by its name, or a folder of the engine's machine by its absolute path. */
export interface Volume {
  /** A name, or an absolute path. @default a volume that is removed with the node */
  readonly source?: string | undefined;
  /** Whether processes on the node can only read it. @default false */
  readonly readOnly?: boolean | undefined;
}

/** Changes to the capabilities that an engine gives. */
export interface Capabilities {
  /** Capabilities that are added, as in `["NET_ADMIN"]`; `["ALL"]` is every one. @default none */
  readonly add?: readonly string[] | undefined;
  /** Capabilities that are removed, unless they are in `add`. @default none */
  readonly drop?: readonly string[] | undefined;
}

/** A port of a node that is published on the engine's machine. */
export interface PublishedPort {
  /** Port of the node, from 1 to 65535. */
  readonly port: number;
  /** The transport protocol. @default "tcp" */
  readonly transport?: "tcp" | "udp" | undefined;
  /** The port of the machine. @default a free one */
  readonly hostPort?: number | undefined;
  /** The address of the machine. @default "127.0.0.1" on a local engine, all addresses elsewhere */
  readonly hostname?: string | undefined;
}

/** The options of a node, merged with those of its backend. */
export type ContainerOptions = Omit<DockerNodeOptions, "name" | "image"> & {
  /** Its reference; of one that is built, the folder that makes it. */
  readonly image: string;
  readonly build?: PlannedBuild | undefined;
};
