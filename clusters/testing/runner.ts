/**
 * A runner of its own, for tests that do to it what cannot be done to the process of a test. Its one
 * argument is a {@linkcode RunnerPlan} as JSON; what it says is JSON too, a line each. It disposes of
 * its cluster and ends when its standard input does.
 *
 * @module
 */
import type { AbilityName, Backend, NodeOptions } from "../kit/mod.ts";
import { composed } from "../composed/mod.ts";
import type { Node } from "../node/node.ts";
import { Cluster } from "../cluster/cluster.ts";
import { docker, type DockerOptions } from "../docker/mod.ts";
import { ec2, type Ec2Options } from "../ec2/mod.ts";
import { kubernetes, type KubernetesOptions } from "../kubernetes/mod.ts";
import { local } from "../local/mod.ts";
import { loopback } from "../loopback/mod.ts";
import { currentRun } from "../ownership/mod.ts";
import type { ThisHostOptions } from "../this_host/mod.ts";

/** A backend, and its options. */
export type PlannedBackend =
  | { readonly docker: DockerOptions }
  | { readonly ec2: Ec2Options }
  | { readonly kubernetes: KubernetesOptions }
  | { readonly local: ThisHostOptions }
  | { readonly loopback: ThisHostOptions };

/** What such a runner does. */
export interface RunnerPlan {
  /** Where its nodes are. */
  readonly backend:
    | PlannedBackend
    | { readonly composed: Readonly<Record<string, PlannedBackend>> };
  /** How many nodes it adds, to each member if there are some. */
  readonly nodes: number;
  /** Milliseconds that nodes live without a runner. */
  readonly lease: number;
  /** What the cluster says that it needs. @default nothing */
  readonly needs?: readonly AbilityName[];
  /** Kill all nodes, which are down then, before it says what they wrote. @default false */
  readonly down?: boolean;
  /** Isolate the first node from the others before that. @default false */
  readonly isolated?: boolean;
  /** Give the first node little CPU and memory, and fill its `/dev/shm`, before that. @default false */
  readonly limited?: boolean;
}

/** What such a runner says, in this order. */
export type RunnerMessage =
  | { readonly cluster: string; readonly run: string }
  /** The outputs of a command on each node. */
  | { readonly outputs: readonly string[] };

async function main([plan = ""]: string[]): Promise<void> {
  const { backend, nodes: count, lease, ...asked }: RunnerPlan = JSON.parse(plan);
  const { needs, down, isolated, limited } = asked;
  const made = backendOf(backend);
  const heartbeat = { interval: lease / 4, timeout: lease };
  const options = { progress: false, heartbeat, needs };
  await using cluster = await Cluster.create<PlacedOptions>(made, options);
  say({ cluster: cluster.id, run: currentRun().id });
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
  if (!("composed" in backend)) return plannedBackend(backend);
  const members = Object.entries(backend.composed).map(([name, member]) =>
    [name, plannedBackend(member)] as const
  );
  return composed(Object.fromEntries(members)) as unknown as Backend;
}

/** The backend that a plan means. */
export function plannedBackend(backend: PlannedBackend): Backend {
  if ("docker" in backend) return docker(backend.docker);
  if ("ec2" in backend) return ec2(backend.ec2);
  if ("kubernetes" in backend) return kubernetes(backend.kubernetes);
  return "local" in backend ? local(backend.local) : loopback(backend.loopback);
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
