import type { MemoryAmount, NodeOptions } from "../kit/mod.ts";
import type { ImageBuild, PlannedBuild } from "./builds/image_build.ts";

/** What a node on an engine may be. All of it can be said per backend and, with priority, per node. */
export interface DockerNodeOptions extends NodeOptions {
  /**
   * Reference of the image, or what the engine is to build. Any will do, an empty one too: the agent
   * brings all that it needs. @default the variable `CLUSTERTEST_DOCKER_IMAGE`
   */
  readonly image?: string | ImageBuild | undefined;
  /** As in `"linux/arm64"`; needs an engine that can run it. @default the engine's own */
  readonly platform?: "linux/amd64" | "linux/arm64" | undefined;
  /**
   * When to fetch the image: when the engine does not have it, for every cluster anew, or never. One
   * that is built is built for every cluster anew, from bases that are fetched anew, with `"always"`.
   * @default "missing"
   */
  readonly pull?: "missing" | "always" | "never" | undefined;
  /**
   * For fetching the image. They are sent to the engine, and kept nowhere.
   * @default those that `docker login` stored, in its file or by a program
   */
  readonly credentials?: RegistryCredentials | undefined;
  /** How many CPUs' worth of time the node gets, as in `0.5`. @default no limit */
  readonly cpus?: number | undefined;
  /**
   * Bytes of memory, or a number with `k`, `m` or `g`, as in `"512m"`. What needs more is killed.
   * The agent is in it: it takes some 30 MiB, while much passes through it up to 75, and from 256 MiB
   * on, where it may trade memory for speed, up to 130. 96 MiB are the least. @default no limit
   */
  readonly memory?: MemoryAmount | undefined;
  /** What is mounted, by absolute path in the node. */
  readonly volumes?: Readonly<Record<string, Volume>> | undefined;
  /** File systems in memory, by absolute path: mount options, as in `"size=64m,mode=1777"`. */
  readonly tmpfs?: Readonly<Record<string, string>> | undefined;
  /** Kernel capabilities beyond, or out of, the engine's usual ones, as in `"NET_ADMIN"`. */
  readonly capabilities?: Capabilities | undefined;
  /** Kernel parameters of the node's own namespaces, as in `{ "net.core.somaxconn": "1024" }`. */
  readonly sysctls?: Readonly<Record<string, string>> | undefined;
  /**
   * Ports that are to be reached through the engine's machine too. Tests rarely need this:
   * `node.forward()` needs no port of the machine.
   */
  readonly ports?: readonly PublishedPort[] | undefined;
  /** As in `"user"`, `"1000"` or `"1000:1000"`. @default the image's */
  readonly user?: string | undefined;
  /** Makes the image's files read-only; the node's `rootDir` stays writable. @default false */
  readonly readOnlyRoot?: boolean | undefined;
  /**
   * Name of a network that exists, which nodes then join instead of their cluster's own. It is left
   * alone at the end. `"host"` is the engine's machine itself.
   */
  readonly network?: string | undefined;
  /** Labels of the container. Those that begin with `clustertest` are taken. */
  readonly labels?: Readonly<Record<string, string>> | undefined;
  /**
   * Has the engine's small init run as process 1 and collect orphans. For engines without one.
   * @default true
   */
  readonly init?: boolean | undefined;
  /** Milliseconds in which a node has to be there whose container runs. @default two minutes */
  readonly startTimeout?: number | undefined;
  /**
   * Changes the request just before the container is created, for what has no option here. The
   * request is the body of `POST /containers/create` as the Engine API describes it; it may be
   * changed in place or replaced by the result. What the agent needs is easily broken by it.
   */
  readonly customize?:
    | ((request: CreateRequest, node: { readonly name: string }) => Customized)
    | undefined;
}

/** The body of `POST /containers/create`, as the engine's documentation describes it. */
export type CreateRequest = Record<string, unknown>;

/** What a `customize` hook gives back: another request, or nothing when it changed the given one. */
export type Customized = CreateRequest | void | Promise<CreateRequest | void>;

/** Which engine, and what its nodes are unless they say otherwise. */
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

/** What a registry wants to know: a name with a password or an access token, or a token alone. */
export type RegistryCredentials =
  | { readonly username: string; readonly password: string }
  | { readonly identityToken: string };

/** A volume of the engine by its name, or a folder of the engine's machine by its absolute path. */
export interface Volume {
  /** A name, an absolute path, or nothing for a volume that goes with the node. */
  readonly source?: string | undefined;
  /** Whether what runs on the node may only read it. @default false */
  readonly readOnly?: boolean | undefined;
}

/** Changes to the capabilities that an engine gives. */
export interface Capabilities {
  /** As in `["NET_ADMIN"]`; `["ALL"]` is every one. @default none */
  readonly add?: readonly string[] | undefined;
  /** As `add`. What is added stays. @default none */
  readonly drop?: readonly string[] | undefined;
}

/** A port of a node that can be reached through the engine's machine. */
export interface PublishedPort {
  /** Port of the node, from 1 to 65535. */
  readonly port: number;
  /** What is spoken there. @default "tcp" */
  readonly transport?: "tcp" | "udp" | undefined;
  /** Port of the machine. @default one that is free */
  readonly hostPort?: number | undefined;
  /** Address of the machine. @default "127.0.0.1" on a local engine, all addresses elsewhere */
  readonly hostname?: string | undefined;
}

/** What a node shall be, with everything that the backend says filled in. */
export type ContainerOptions = Omit<DockerNodeOptions, "name" | "image"> & {
  /** Its reference; of one that is built, the folder that makes it. */
  readonly image: string;
  readonly build?: PlannedBuild | undefined;
};
