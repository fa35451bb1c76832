import { Deadline } from "../../agent/deadline.ts";
import { delay } from "../../agent/delay.ts";
import { throwFailures } from "../concurrency/mod.ts";
import type { SweepOptions, SweepReport, SweptResource } from "../kit/mod.ts";
import { causeOfDeath, describeRun } from "../ownership/mod.ts";
import { hasStatus, type KubeApi, type KubeList, type Selection } from "./api/mod.ts";
import { readLabels, selectorOf } from "./labels.ts";
import type { LabelledObject, Pod } from "./pod.ts";

/** Milliseconds after which a look is taken for what the runner was still asking for when it died. */
const SECOND_LOOK = 1000;

/** Looks at most, however much keeps coming. */
const LOOKS = 5;

/** Milliseconds in which objects are gone that were deleted: some kubelets need more than a minute. */
const GONE_DEADLINE = 180_000;

/** Milliseconds between two looks whether they are. */
const GONE_INTERVAL = 250;

/** What we make, in an order in which it can be removed. */
const KINDS = { pods: "pod", secrets: "secret", jobs: "job" } as const;

/** Those of a cluster that is given back: what owns them comes last. */
const OWNED = ["pods", "secrets"] as const;

/** The kinds of objects that we make. */
type OwnKind = keyof typeof KINDS;

/** An object of a dead run. */
interface DeadObject {
  readonly kind: OwnKind;
  readonly name: string;
  readonly reason: string;
}

/**
 * Finds what dead runs left in a namespace, and removes it unless `dryRun`. What one run made is looked
 * for until there is nothing any more: its last request may still have been on its way.
 */
export async function sweepNamespace(
  api: KubeApi,
  options: SweepOptions = {},
): Promise<SweepReport> {
  let found = await sweepOnce(api, options);
  if (options.run === undefined || options.dryRun) return { found };
  for (let look = 1; look < LOOKS; look++) {
    await delay(SECOND_LOOK, options.signal);
    const more = await sweepOnce(api, options);
    found = found.concat(more);
    if (more.length === 0) break;
  }
  return { found };
}

async function sweepOnce(api: KubeApi, options: SweepOptions): Promise<SweptResource[]> {
  const { dryRun = false, signal = new AbortController().signal } = options;
  const dead = await findDead(api, options, signal);
  return await Promise.all(dead.map(async ({ kind, name, reason }) => {
    const outcome = dryRun
      ? "would be removed" as const
      : await tryRemove(api, { kind, name, signal });
    return { kind: KINDS[kind], id: `${api.namespace}/${name}`, reason, outcome };
  }));
}

async function findDead(
  api: KubeApi,
  { run }: SweepOptions,
  signal: AbortSignal,
): Promise<DeadObject[]> {
  const labelSelector = selectorOf();
  const found = await Promise.all((Object.keys(KINDS) as OwnKind[]).map(async (kind) => {
    const { items } = await listOwn(api, kind, { labelSelector, signal });
    return items.flatMap((object): DeadObject[] => {
      const reason = judge(object, run);
      return reason === undefined ? [] : [{ kind, name: object.metadata.name, reason }];
    });
  }));
  return found.flat();
}

async function listOwn(
  api: KubeApi,
  kind: OwnKind,
  selection: Selection,
): Promise<Pick<KubeList<LabelledObject>, "items">> {
  try {
    return await api.list<LabelledObject>(kind, selection);
  } catch (error) {
    // Who may not see jobs has made none: a warning has said so.
    if (kind === "jobs" && hasStatus(error, 403)) return { items: [] };
    throw error;
  }
}

/** The cause of death of an object; `undefined` when it lives, or when that cannot be known. */
export function judge(object: LabelledObject, run: string | undefined): string | undefined {
  const labels = readLabels(object.metadata.labels ?? {});
  if (labels === undefined) return undefined;
  const { phase } = (object as Pod).status ?? {};
  if (run === undefined && (phase === "Succeeded" || phase === "Failed")) {
    return `${describeRun(labels)}; it has ended by itself`;
  }
  return causeOfDeath(labels, run);
}

async function tryRemove(
  api: KubeApi,
  { kind, name, signal }: {
    readonly kind: OwnKind;
    readonly name: string;
    readonly signal: AbortSignal;
  },
): Promise<SweptResource["outcome"]> {
  try {
    await api.delete(kind, name, { signal });
    const isThere = async () => await api.get(kind, name, { signal }) !== undefined;
    await untilGone(`the ${KINDS[kind]} "${name}"`, isThere, signal);
    return "removed";
  } catch (error) {
    return { failed: (error as Error).message };
  }
}

/** Removes all that a cluster has left, also what was created after its request was aborted. */
export async function removeCluster(api: KubeApi, clusterId: string): Promise<void> {
  const { signal } = new AbortController();
  const labelSelector = selectorOf(clusterId);
  throwFailures(
    await Promise.allSettled(OWNED.map(async (kind) => {
      const left = async () => (await api.list(kind, { labelSelector, signal })).items.length > 0;
      if (!await left()) return;
      await api.deleteCollection(kind, { labelSelector, signal });
      await untilGone(`${kind} of the cluster ${clusterId}`, left, signal);
    })),
  );
}

async function untilGone(
  what: string,
  isThere: () => Promise<boolean>,
  signal: AbortSignal,
): Promise<void> {
  const late = () =>
    new Error(`Cannot remove ${what}: still there after ${GONE_DEADLINE / 1000} s`);
  using deadline = new Deadline(GONE_DEADLINE, [signal], late);
  while (await isThere()) await delay(GONE_INTERVAL, deadline.signal);
}
