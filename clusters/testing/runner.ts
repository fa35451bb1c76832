/**
 * A runner of its own, for tests that do to it what cannot be done to the process of a test. Its one
 * argument is a {@linkcode RunnerPlan} as JSON; what it says is JSON too, a line each. It disposes of
 * its cluster and ends when its standard input does.
 *
 * @module
 */
import type { Backend, NodeOptions } from "../kit/backend.ts";
import { composed } from "../composed/mod.ts";
import type { Node } from "../node/node.ts";
import { Cluster } from "../cluster/cluster.ts";
import { docker, type DockerOptions } from "../docker/mod.ts";
import { ec2, type Ec2Options } from "../ec2/mod.ts";
import { kubernetes, type KubernetesOptions } from "../kubernetes/mod.ts";
import { local } from "../local/mod.ts";

/** What such a runner does. */
export interface RunnerPlan {
  /** Where, and with which options. */
  readonly backend:
    | { readonly docker: DockerOptions }
    | { readonly ec2: Ec2Options }
    | { readonly kubernetes: KubernetesOptions }
    /** Members that are engines, and one, last, that is this machine. */
    | { readonly composed: Readonly<Record<string, DockerOptions>> };
  /** How many nodes it adds, to each member if there are some. */
  readonly nodes: number;
  /** Milliseconds that nodes live without a runner. */
  readonly lease: number;
  /** Kill all nodes, which are down then, before it says what they wrote. @default false */
  readonly down?: boolean;
  /** Isolate the first node from the others before that. @default false */
  readonly isolated?: boolean;
  /** Give the first node little CPU and memory, and fill its `/dev/shm`, before that. @default false */
  readonly limited?: boolean;
}

/** What such a runner says, in this order. */
export type RunnerMessage =
  | { readonly cluster: string }
  /** The outputs of a command on each node. */
  | { readonly outputs: readonly string[] };

async function main([plan = ""]: string[]): Promise<void> {
  const { backend, nodes: count, lease, down, isolated, limited }: RunnerPlan = JSON.parse(plan);
  const made = backendOf(backend);
  const heartbeat = { interval: lease / 4, timeout: lease };
  await using cluster = await Cluster.create<PlacedOptions>(made, { progress: false, heartbeat });
  say({ cluster: cluster.id });
  const members = Object.keys(made.composition?.members ?? { "": made });
  const added = await Promise.all(
    members.map((member) => cluster.addNodes(count, member ? { in: member } : {})),
  );
  const nodes = added.flat();
  const results = await Promise.all(nodes.map((node) => node.run("hostname")));
  if (isolated) await cluster.faults.isolate(nodes[0]!);
  if (limited) await limit(cluster as unknown as Cluster, nodes[0]!);
  if (down) await Promise.all(nodes.map((node) => node.kill()));
  say({ outputs: results.map(({ stdout }) => stdout.trim()) });
  await new Response(Deno.stdin.readable).text();
}

/** Where a node is, if its backend is composed. */
type PlacedOptions = NodeOptions & { readonly in?: string };

function backendOf(backend: RunnerPlan["backend"]): Backend<PlacedOptions> {
  if ("docker" in backend) return docker(backend.docker);
  if ("ec2" in backend) return ec2(backend.ec2);
  if ("kubernetes" in backend) return kubernetes(backend.kubernetes);
  const engines = Object.entries(backend.composed).map(([name, options]) =>
    [name, docker(options)] as const
  );
  return composed({ ...Object.fromEntries(engines), here: local() }) as unknown as Backend;
}

async function limit({ faults }: Cluster, node: Node): Promise<void> {
  await faults.cpu(node, 0.3);
  await faults.memory(node, 200 * 1024 * 1024);
  await faults.fullDisk(node, "/dev/shm");
}

function say(message: RunnerMessage): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${JSON.stringify(message)}\n`));
}

if (import.meta.main) await main(Deno.args);
