import { delay } from "../../agent/delay.ts";
import type { SweepOptions, SweepReport, SweptResource } from "../kit/mod.ts";
import { judgeResource } from "./judge_resource.ts";
import type { Engine } from "./engine/engine.ts";
import { engineInfo } from "./engine/engine_info.ts";
import { type LabelledResource, listResources } from "./list_resources.ts";
import { listBuiltImages, removeBuiltImage } from "./builds/built_images.ts";
import { throwFailures } from "../concurrency/mod.ts";

/** Milliseconds after which a look is taken for what an engine was still busy creating. */
const SECOND_LOOK = 1000;

/** Looks at most, however much keeps coming. */
const LOOKS = 5;

/**
 * Finds what dead runs left on an engine, and removes it unless `dryRun`.
 *
 * When a run has just died its engine may still be creating what it was asked for. So what one run
 * made is looked for until there is nothing any more.
 */
export async function sweepEngine(
  engine: Engine,
  options: SweepOptions = {},
): Promise<SweepReport> {
  let found = await sweepOnce(engine, options);
  if (options.run === undefined || options.dryRun) return { found };
  for (let look = 1; look < LOOKS; look++) {
    await delay(SECOND_LOOK, options.signal);
    const more = await sweepOnce(engine, options);
    found = found.concat(more);
    if (more.length === 0) break;
  }
  return { found };
}

/** Containers first: networks and volumes that something uses cannot be removed. */
const KINDS = ["container", "network", "volume"] as const;

async function sweepOnce(engine: Engine, options: SweepOptions): Promise<SweptResource[]> {
  return [...await sweepResources(engine, options), ...await sweepImages(engine, options)];
}

/** Images that were built are caches; containers that still use one keep it. */
async function sweepImages(engine: Engine, options: SweepOptions): Promise<SweptResource[]> {
  const { dryRun = false, caches = false, run, signal } = options;
  if (!caches || run !== undefined) return [];
  const names = await listBuiltImages(engine, signal);
  return await Promise.all(names.map(async (id) => {
    const remove = () => engine.inTurn(() => removeBuiltImage(engine, id));
    const outcome = dryRun ? "would be removed" as const : await tryRemove({ remove });
    return { kind: "image", id, reason: "a cache of an image that was built", outcome };
  }));
}

async function sweepResources(engine: Engine, options: SweepOptions): Promise<SweptResource[]> {
  const { dryRun = false, signal } = options;
  const [resources, now] = await Promise.all([
    listResources(engine, { signal }),
    engineTime(engine, signal),
  ]);
  const found: SweptResource[] = [];
  for (const kind of KINDS) {
    const dead = resources.flatMap((resource) => {
      const reason = resource.kind === kind
        ? judgeResource(resource, { ...options, now })
        : undefined;
      return reason === undefined ? [] : [{ resource, reason }];
    });
    found.push(
      ...await Promise.all(dead.map(async ({ resource, reason }) => {
        const outcome = dryRun ? "would be removed" as const : await tryRemove(resource);
        return { kind, id: resource.name, reason, outcome };
      })),
    );
  }
  return found;
}

/** What the engine's clock says: that of this machine may be days ahead. */
async function engineTime(engine: Engine, signal: AbortSignal | undefined): Promise<number> {
  return Date.parse((await engineInfo(engine, signal)).SystemTime);
}

async function tryRemove(
  resource: Pick<LabelledResource, "remove">,
): Promise<SweptResource["outcome"]> {
  try {
    await resource.remove();
    return "removed";
  } catch (error) {
    return { failed: (error as Error).message };
  }
}

/** Removes all that a cluster has left, also what was created after its request was aborted. */
export async function removeCluster(engine: Engine, clusterId: string): Promise<void> {
  const resources = await listResources(engine, { clusterId });
  const removals: PromiseSettledResult<void>[] = [];
  for (const kind of KINDS) {
    const ofKind = resources.filter((resource) => resource.kind === kind);
    removals.push(...await Promise.allSettled(ofKind.map((resource) => resource.remove())));
  }
  throwFailures(removals);
}
