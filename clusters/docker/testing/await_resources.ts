import { setTimeout as delay } from "node:timers/promises";
import type { Engine } from "../engine/engine.ts";
import { type LabelledResource, listResources } from "../list_resources.ts";

/** Milliseconds between two looks. */
const LOOK_INTERVAL = 100;

/** What to wait for. */
export interface AwaitedState {
  readonly clusterId: string;
  /** Milliseconds after which the wait fails. */
  readonly within: number;
}

/** Waits until what an engine has of a cluster is as `isAwaited` says, and resolves to it. */
export async function awaitResources(
  engine: Engine,
  { clusterId, within }: AwaitedState,
  isAwaited: (resources: readonly LabelledResource[]) => boolean,
): Promise<readonly LabelledResource[]> {
  const end = performance.now() + within;
  for (;;) {
    const resources = await listResources(engine, { clusterId });
    if (isAwaited(resources)) return resources;
    if (performance.now() > end) {
      const left = resources.map(({ kind, name }) => `${kind} ${name}`).join(", ");
      throw new Error(`Waited ${within / 1000} s in vain; the engine has: ${left || "nothing"}`);
    }
    await delay(LOOK_INTERVAL);
  }
}
