/**
 * Where things are in the pods of nodes, and what their containers are called.
 *
 * @module
 */

/** The container of the node itself. */
export const NODE_CONTAINER = "node";

/** The one that brings the agent before the node's own starts, and hands it on in a pod that is to. */
export const HELPER_CONTAINER = "clustertest-agent";

/** The one that brings the agent from an image of its own. */
export const COPY_CONTAINER = "clustertest-copy";

/** Where that has the volume to which it brings the agent: its own is where nodes have theirs. */
export const COPY_DIR = "/clustertest/copy";

/** The one whose agent changes the network of the pod, beside the node's own. */
export const SIDECAR_CONTAINER = "clustertest-faults";

/** Where the agent is. */
export const AGENT_DIR = "/clustertest/agent";

/** Where its archive is, in the one pod that hands it on. */
export const ARCHIVE_DIR = "/clustertest/archive";

/** The archive, below {@linkcode ARCHIVE_DIR}. */
export const ARCHIVE = "agent.tar";

/** In memory: what the agent is launched with, and the names of nodes. */
export const LAUNCH_DIR = "/clustertest/launch";

/**
 * A folder in it in which every user may do all: where it is mounted itself, users may not remove what is
 * another's, nor, as some systems are set up, open it for writing.
 */
export const OPEN_DIR = "open";

/** The file in that folder that the agent reads, and removes. */
export const LAUNCH_FILE = "launch.json";

/** The file in that folder with the names of nodes, which is the node's `/etc/hosts` as well. */
export const HOSTS_FILE = "hosts";

/** What the agent of the sidecar is launched with: a key of the same Secret, and a file there. */
export const SIDECAR_FILE = "sidecar.json";

/** Where the Secret with the launch document is, in the helper and, of its own part, in the sidecar. */
export const SECRET_DIR = "/clustertest/secret";

/** Where the agent has its files. */
export const NODE_DIR = "/clustertest/node";

/** The folder in it that is the agent's `rootDir`. */
export const ROOT_DIR: string = `${NODE_DIR}/root`;

/** The port at which an agent listens in its pod: below those that connections are given. */
export const AGENT_PORT = 26761;

/** The port at which a pod hands the agent on. */
export const SEED_PORT = 26762;

/** The port of the pod's loopback at which the agent of the sidecar listens. */
export const SIDECAR_PORT = 26763;

/** The port at which a helper takes the agent from a runner that reaches the addresses of pods. */
export const DELIVERY_PORT = 26764;
