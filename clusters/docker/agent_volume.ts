import { Readable } from "node:stream";
import type { ReadableStream as NodeReadableStream } from "node:stream/web";
import { delay } from "../../agent/delay.ts";
import type { AgentPack } from "../../agent/build/agent_pack.ts";
import { packArchive } from "../../agent/build/pack_archive.ts";
import { MANIFEST_NAME } from "../../agent/build/pack_manifest.ts";
import { AGENT_DIR } from "./agent_container.ts";
import type { Engine } from "./engine/engine.ts";
import { isNameTaken, orMissing } from "./engine/engine_error.ts";
import { isGone, type Ownership } from "../ownership/mod.ts";
import { cacheLabels, ownedLabels, readLabels } from "./labels.ts";

/** What filling a volume takes. */
export interface FillVolumeOptions extends Ownership {
  /** An image that the engine has; nothing of it is run. */
  readonly image: string;
  readonly platform?: string | undefined;
  readonly signal: AbortSignal;
}

/** Milliseconds in which an archive of 100 MB arrives, over a slow line too. */
const FILL_DEADLINE = 300_000;

/** Milliseconds between two looks whether another runner is done. */
const LOOK_INTERVAL = 100;

/** Name of the volume that holds a pack. */
export function agentVolumeName(pack: AgentPack): string {
  return `clustertest-agent-${pack.version.slice(0, 24)}`;
}

/**
 * Sees to it that the engine has a volume with this agent in it, and resolves to its name. It is
 * filled once, whatever runs at the same time, by an archive sent to a container that is never
 * started; so it works with engines far away and with images that have nothing in them.
 *
 * The container has the same name for all runners: the one that could create it fills. The archive
 * ends with the manifest, and only a volume that has the manifest counts as filled.
 */
export async function ensureAgentVolume(
  engine: Engine,
  pack: AgentPack,
  options: FillVolumeOptions,
): Promise<string> {
  const volume = agentVolumeName(pack);
  const { signal } = options;
  const body = { Name: volume, Labels: cacheLabels(pack.version) };
  const what = "create a volume for the agent";
  await engine.call({ what, method: "POST", path: "/volumes/create", body, signal });
  for (;;) {
    const filler = await createFiller(engine, volume, options);
    if (filler !== undefined) return await fillBy(filler, engine, pack, signal);
    await awaitFiller(engine, volume, signal);
  }
}

/**
 * Resolves to `undefined` when another runner has a filler at the moment. This is not aborted,
 * since the engine would go on, and all would wait for a container that has no owner.
 */
async function createFiller(
  engine: Engine,
  volume: string,
  options: FillVolumeOptions,
): Promise<string | undefined> {
  try {
    const { Id } = await engine.inTurn(() =>
      engine.call<{ Id: string }>({
        what: "create a container that takes the agent",
        method: "POST",
        path: "/containers/create",
        query: { name: fillerName(volume), platform: options.platform },
        body: {
          Image: options.image,
          Entrypoint: ["never-started"],
          Labels: ownedLabels("filler", options),
          NetworkDisabled: true,
          HostConfig: { Mounts: [{ Type: "volume", Source: volume, Target: AGENT_DIR }] },
        },
        deadline: 60_000,
      })
    );
    return Id;
  } catch (error) {
    if (isNameTaken(error)) return undefined;
    throw error;
  }
}

function fillerName(volume: string): string {
  return `${volume}-filler`;
}

/** Fills the volume unless it is full, and gives the container back. */
async function fillBy(
  filler: string,
  engine: Engine,
  pack: AgentPack,
  signal: AbortSignal,
): Promise<string> {
  try {
    if (!await isFilled(engine, filler, signal)) await fill(engine, filler, pack, signal);
  } finally {
    await removeFiller(engine, filler);
  }
  return agentVolumeName(pack);
}

async function isFilled(engine: Engine, filler: string, signal: AbortSignal): Promise<boolean> {
  const answer = await orMissing(engine.call({
    what: "look into the agent's volume",
    method: "HEAD",
    path: `/containers/${filler}/archive`,
    query: { path: `${AGENT_DIR}/${MANIFEST_NAME}` },
    signal,
  }));
  return answer !== undefined;
}

async function fill(
  engine: Engine,
  filler: string,
  pack: AgentPack,
  signal: AbortSignal,
): Promise<void> {
  await engine.call({
    what: "send the agent to the engine",
    method: "PUT",
    path: `/containers/${filler}/archive`,
    query: { path: AGENT_DIR },
    archive: Readable.fromWeb(packArchive(pack) as NodeReadableStream<Uint8Array>),
    deadline: FILL_DEADLINE,
    signal,
  });
}

async function removeFiller(engine: Engine, filler: string): Promise<void> {
  await orMissing(engine.inTurn(() =>
    engine.call({
      what: "remove the container that took the agent",
      method: "DELETE",
      path: `/containers/${filler}`,
      // The anonymous volumes that its image declares.
      query: { force: true, v: true },
    })
  ));
}

interface FillerInspection {
  readonly Id: string;
  readonly Config: { readonly Labels: Readonly<Record<string, string>> };
}

/** Waits until the other runner's filler is gone, and removes it when that runner is dead. */
async function awaitFiller(engine: Engine, volume: string, signal: AbortSignal): Promise<void> {
  const end = Date.now() + FILL_DEADLINE;
  for (;;) {
    const other = await orMissing(engine.call<FillerInspection>({
      what: "look at the container that takes the agent",
      method: "GET",
      path: `/containers/${fillerName(volume)}/json`,
      signal,
    }));
    if (other === undefined) return;
    if (isAbandoned(other) || Date.now() > end) return await removeFiller(engine, other.Id);
    await delay(LOOK_INTERVAL, signal);
  }
}

/** Whether its runner has ended, as far as that can be known: not of one on another machine. */
function isAbandoned({ Config }: FillerInspection): boolean {
  const owner = readLabels(Config.Labels)?.owner;
  return owner !== undefined && isGone(owner);
}
