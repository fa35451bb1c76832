import { removeNetwork } from "./cluster_network.ts";
import { inspectContainer, removeContainer } from "./container.ts";
import type { Engine } from "./engine/engine.ts";
import { orMissing } from "./engine/engine_error.ts";
import { OWNED_LABEL, readLabels, type ResourceLabels } from "./labels.ts";

/** Something on an engine that has our label. */
export interface LabelledResource {
  readonly kind: "container" | "network" | "volume";
  readonly id: string;
  readonly name: string;
  readonly labels: ResourceLabels;
  /** Whether it is a container that has run and does not any more. */
  readonly hasEnded: boolean;
  remove(): Promise<void>;
}

interface ListedContainer {
  readonly Id: string;
  readonly Names: readonly string[];
  readonly State: string;
  readonly Labels: Readonly<Record<string, string>>;
}

interface ListedNetwork {
  readonly Id: string;
  readonly Name: string;
  readonly Labels: Readonly<Record<string, string>>;
}

interface ListedVolumes {
  readonly Volumes:
    | readonly { readonly Name: string; readonly Labels: Readonly<Record<string, string>> }[]
    | null;
}

/** What to look for. */
export interface ListOptions {
  /** Only what this cluster made. */
  readonly clusterId?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Everything on an engine that has our label, in an order in which it can be removed. */
export async function listResources(
  engine: Engine,
  options: ListOptions = {},
): Promise<LabelledResource[]> {
  const lists = [listContainers, listNetworks, listVolumes];
  return (await Promise.all(lists.map((list) => list(engine, options)))).flat();
}

async function listContainers(engine: Engine, options: ListOptions): Promise<LabelledResource[]> {
  const listed = await list<ListedContainer[]>(engine, "/containers/json", options);
  const resources = listed.map(async ({ Id, Names, State, Labels }) => {
    const name = Names[0]?.replace(/^\//, "") ?? Id;
    // An engine may list for a while what it has removed, which has no name any more.
    const isNamed = Names.length > 0;
    if (!isNamed && !await inspectContainer(engine, { ...options, id: Id, name })) return [];
    return labelled(Labels, {
      kind: "container",
      id: Id,
      name,
      hasEnded: State === "exited" || State === "dead",
      remove: () => engine.inTurn(() => removeContainer(engine, Id, name)),
    });
  });
  return (await Promise.all(resources)).flat();
}

async function listNetworks(engine: Engine, options: ListOptions): Promise<LabelledResource[]> {
  const listed = await list<ListedNetwork[]>(engine, "/networks", options);
  return listed.flatMap(({ Id, Name, Labels }) =>
    labelled(Labels, {
      kind: "network",
      id: Id,
      name: Name,
      hasEnded: false,
      remove: () => removeNetwork(engine, Id, Name),
    })
  );
}

async function listVolumes(engine: Engine, options: ListOptions): Promise<LabelledResource[]> {
  const { Volumes } = await list<ListedVolumes>(engine, "/volumes", options);
  return (Volumes ?? []).flatMap(({ Name, Labels }) =>
    labelled(Labels, {
      kind: "volume",
      id: Name,
      name: Name,
      hasEnded: false,
      remove: () => removeVolume(engine, Name),
    })
  );
}

async function list<T>(
  engine: Engine,
  path: string,
  { clusterId, signal }: ListOptions,
): Promise<T> {
  const label = clusterId === undefined ? OWNED_LABEL : `clustertest.cluster=${clusterId}`;
  return await engine.call<T>({
    what: "list what has our label",
    method: "GET",
    path,
    query: { all: true, filters: JSON.stringify({ label: [label] }) },
    signal,
  });
}

function labelled(
  labels: Readonly<Record<string, string>> | null,
  resource: Omit<LabelledResource, "labels">,
): LabelledResource[] {
  const read = readLabels(labels ?? {});
  return read === undefined ? [] : [{ ...resource, labels: read }];
}

async function removeVolume(engine: Engine, name: string): Promise<void> {
  const what = `remove the volume "${name}"`;
  const path = `/volumes/${name}`;
  await orMissing(engine.inTurn(() => engine.call({ what, method: "DELETE", path })));
}
