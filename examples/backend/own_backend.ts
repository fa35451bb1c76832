/**
 * A backend of one file, made with the exports of the package alone: a start for backends of other kinds
 * of machines. Here a machine is a folder of this host, and the agent a process in it.
 *
 * `CLUSTERTEST_BACKEND=./examples/backend/own_backend.ts deno test --allow-all examples/*_test.ts` uses it.
 *
 * @module
 */
import {
  AgentNode,
  allOrNone,
  type Backend,
  type BackendRecipe,
  causeOfDeath,
  type ClusterContext,
  createFleet,
  type CreateOptions,
  giveBack,
  killStrays,
  type LossReason,
  type NodeOptions,
  type NodeRequest,
  type NodeResource,
  obtainAgent,
  ownerLabels,
  type Provider,
  readOwnerLabels,
  type StrayTraits,
  type SweepOptions,
  type SweepReport,
  type SweptResource,
} from "@clustertest/clustertest/backend";

/** Below it, each cluster has a folder; that has a file which says whose it is, and a folder for each node. */
const HOME = "/tmp/clustertest-own";

/** Milliseconds that a cluster may be there, if nobody can tell whether its owner lives. */
const MAX_LIFE = 4 * 60 * 60 * 1000;

/** The variable by which the processes of a node are found: an agent passes it on. */
const MARKER = "CLUSTERTEST_NODE";

/** The backend. Its nodes can do what all nodes can, and be killed. */
export function ownBackend(): Backend<NodeOptions> {
  const recipe: BackendRecipe = { module: import.meta.url, options: {} };
  return { name: "own", abilities: ["kill"], nodeOptions: {}, recipe, open, sweep };
}

/** What `CLUSTERTEST_BACKEND` calls. */
export const backendFromEnvironment = ownBackend;

/** What the guardian calls, should the process that runs the test be killed. */
export const backendFromRecipe = ownBackend;

async function open(context: ClusterContext): Promise<Provider> {
  const { clusterId, heartbeat, signal } = context;
  const pack = await obtainAgent("native", { signal });
  const folder = `${HOME}/${clusterId}`;
  // Others see nothing, and go through to what a test gives them in the folder of a node.
  await Deno.mkdir(folder, { recursive: true, mode: 0o711 });
  // Whose it is stands there before anything is made.
  const labels = ownerLabels(context, { prefix: "", maxLife: MAX_LIFE });
  await Deno.writeTextFile(`${folder}/owner.json`, JSON.stringify(labels));
  const fleet = await createFleet(context);
  const nodes = new Set<AgentNode>();

  async function createNode({ name }: NodeRequest, signal: AbortSignal): Promise<AgentNode> {
    using launch = fleet.launch();
    const [command, ...args] = pack.command(pack.dir);
    const root = `${folder}/${name}`;
    await Deno.mkdir(root, { mode: 0o700 });
    const lease = `${heartbeat.timeout / 1000}`;
    const address = newAddress();
    const child = new Deno.Command(command!, {
      args: [...args, "--listen", "127.0.0.1:0", "--root", root, "--lease", lease, "--confine"]
        .concat("--address", address),
      env: {
        PATH: Deno.env.get("PATH")!,
        HOME: root,
        CLUSTERTEST_ADDRESS: address,
        [MARKER]: root,
        ...pack.env,
      },
      clearEnv: true,
      cwd: folder,
      stdin: "piped",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    const machine = new Machine(child, { address, folder: root });
    try {
      await new Blob([JSON.stringify(launch.document)]).stream().pipeTo(child.stdin);
      const route = await announced(child.stdout);
      const node = new AgentNode(await launch.connect(route, { name, signal }), machine);
      nodes.add(node);
      return node;
    } catch (error) {
      await machine.remove();
      throw error;
    }
  }

  return {
    async create(requests: readonly NodeRequest[], { signal, onLaunched }: CreateOptions) {
      return await allOrNone(requests, {
        signals: [signal, context.signal],
        make: async (request, signal) => {
          const node = await createNode(request, signal);
          onLaunched?.();
          return node;
        },
        undo: (node) => node.destroy(),
      });
    },
    async [Symbol.asyncDispose]() {
      await giveBack(nodes, [
        () => fleet[Symbol.asyncDispose](),
        () => Deno.remove(folder, { recursive: true }),
      ]);
    },
  };
}

/** A process with an agent, which is all that there is of a machine. */
class Machine implements NodeResource {
  readonly id: string;
  readonly address: string;
  readonly #child: Deno.ChildProcess;
  readonly #folder: string;

  constructor(child: Deno.ChildProcess, { address, folder }: { address: string; folder: string }) {
    this.id = `${child.pid}`;
    this.address = address;
    this.#child = child;
    this.#folder = folder;
  }

  async ended(): Promise<LossReason> {
    const { code, signal } = await this.#child.status;
    return { summary: `its agent ended with ${signal ?? `code ${code}`}` };
  }

  async remove(): Promise<void> {
    await this.kill();
    await Deno.remove(this.#folder, { recursive: true }).catch(() => {});
  }

  /** The agent and all that it started, which have its marker in their environment. */
  async kill(): Promise<void> {
    await killStrays(traitsOf(this.#folder));
    await this.#child.status;
  }
}

/** What tells the processes of a node, or of a whole cluster, from all others. */
function traitsOf(folder: string): StrayTraits {
  return { marker: { [MARKER]: folder }, folder };
}

/** Where an agent listens: the first line that it writes. */
async function announced(
  stdout: ReadableStream<Uint8Array<ArrayBuffer>>,
): Promise<{ hostname: string; port: number }> {
  const reader = stdout.pipeThrough(new TextDecoderStream()).getReader();
  const { value = "" } = await reader.read();
  await reader.cancel();
  if (value === "") throw new Error("Cannot start an agent: it ended before it listened");
  return JSON.parse(value).listening;
}

/** An address of this host's that other nodes are unlikely to have. */
function newAddress(): string {
  return `127.${
    [...crypto.getRandomValues(new Uint8Array(3))].map((byte) => byte % 254 + 1).join(".")
  }`;
}

/** Removes what clusters left whose owner is gone; what is dead is decided by their labels alone. */
async function sweep({ dryRun, run, signal }: SweepOptions = {}): Promise<SweepReport> {
  const found: SweptResource[] = [];
  for await (const { name } of folders()) {
    signal?.throwIfAborted();
    const folder = `${HOME}/${name}`;
    const labels = await Deno.readTextFile(`${folder}/owner.json`).then(JSON.parse, () => ({}));
    const reason = causeOfDeath(readOwnerLabels(labels, ""), run);
    if (reason === undefined) continue;
    const swept = { kind: "folder", id: folder, reason } as const;
    if (dryRun) found.push({ ...swept, outcome: "would be removed" });
    else found.push({ ...swept, outcome: await removeFolder(folder) });
  }
  return { found };
}

/** A node's processes are found by its folder, which is in the cluster's. */
async function removeFolder(folder: string): Promise<SweptResource["outcome"]> {
  try {
    for await (const { name } of Deno.readDir(folder)) {
      await killStrays(traitsOf(`${folder}/${name}`));
    }
    await Deno.remove(folder, { recursive: true });
    return "removed";
  } catch (error) {
    return { failed: String(error) };
  }
}

async function* folders(): AsyncGenerator<Deno.DirEntry> {
  try {
    yield* Deno.readDir(HOME);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
