import { join } from "node:path";
import { removeTree } from "../../agent/host/remove_tree.ts";
import type { StrayTraits } from "../../agent/host/stray_processes.ts";
import type { ClusterContext, NodeNetwork } from "../kit/mod.ts";
import { NODE_VARIABLE, RUN_VARIABLE, socketFolder } from "../run_folder/mod.ts";

/** What a node that shares this host with others has for itself. */
export interface NodePlace {
  /** Its folder, and the home of its processes. */
  readonly rootDir: string;
  readonly address: string;
  /** That of this machine, which nodes of several backends share. */
  readonly networks: readonly NodeNetwork[];
  /** The environment of its processes. Of the runner's own it has only what finds programs. */
  readonly env: Readonly<Record<string, string>>;
  /** What is in the environment of every process that is started there. */
  readonly marker: Readonly<Record<string, string>>;
  /** Variables that mark its processes, wherever they went. */
  readonly strays: StrayTraits;
  /** A folder for the sockets at which its agent calls, if it has one: another one with each call. */
  socketFolder(): string;
  /** Removes the folder. */
  remove(): Promise<void>;
}

/** What a place is made from. */
export interface NodePlaceOptions {
  readonly context: ClusterContext;
  /** The cluster's folder, which exists. */
  readonly clusterFolder: string;
  readonly name: string;
  readonly address: string;
}

/** Variables of the runner that say nothing of whose it is. */
const INHERITED = ["PATH", "LANG", "LC_ALL", "TZ"];

/** Makes the folder of a node, and says what else is its own. */
export async function makeNodePlace(options: NodePlaceOptions): Promise<NodePlace> {
  const { context, clusterFolder, name, address } = options;
  const rootDir = join(clusterFolder, name);
  const temp = join(rootDir, ".tmp");
  await Deno.mkdir(rootDir, { mode: 0o700 });
  await Deno.mkdir(temp, { mode: 0o700 }).catch(async (error) => {
    await removeTree(rootDir, { force: true });
    throw error;
  });
  const inherited = INHERITED.flatMap((variable) => {
    const value = Deno.env.get(variable);
    return value === undefined ? [] : [[variable, value]];
  });
  const marker = {
    [RUN_VARIABLE]: context.run.id,
    [NODE_VARIABLE]: `${context.clusterId}-${name}`,
  };
  return {
    rootDir,
    address,
    networks: [{ id: `host-${context.run.owner.namespace}`, address }],
    env: {
      ...Object.fromEntries(inherited),
      HOME: rootDir,
      TMPDIR: temp,
      CLUSTERTEST_ADDRESS: address,
    },
    marker,
    // Its folder, because a process can drop the marker from its environment.
    strays: { marker, folder: rootDir },
    socketFolder: () => socketFolder(clusterFolder),
    remove: () => removeTree(rootDir, { force: true }),
  };
}
