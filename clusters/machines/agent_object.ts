import { createHash } from "node:crypto";
import type { AgentPack } from "../../agent/build/agent_pack.ts";
import { packArchive } from "../../agent/build/pack_archive.ts";
import { type Emit, OngoingWork } from "../events/mod.ts";

/** An agent that machines can fetch when they boot. */
export interface AgentObject {
  /** Good for an hour, for every client that has it. */
  readonly url: string;
  /** Of the archive in it, once that is decompressed. Lower-case hexadecimal. */
  readonly sha256: string;
}

/** Where a provider keeps objects that its machines can fetch: agents, by the hash of their archive. */
export interface AgentStore {
  /** What people call it, as in "S3". */
  readonly name: string;
  /** Whether the agent is there, and will be for as long as a launch takes. */
  has(sha256: string, signal: AbortSignal): Promise<boolean>;
  /** Puts the agent there, whole or not at all. */
  put(sha256: string, archive: ReadableStream<Uint8Array>, options: PutOptions): Promise<void>;
}

/** How an agent is put into a store. */
export interface PutOptions {
  /** Called with how many bytes have arrived. */
  readonly onProgress: (bytes: number) => void;
  readonly signal: AbortSignal;
}

/**
 * Sees to it that a store has this agent, compressed: it is sent once, by whichever run needs it
 * first. Resolves to the hash of its archive.
 */
export async function ensureAgentObject(
  store: AgentStore,
  pack: AgentPack,
  { emit, signal }: { readonly emit: Emit; readonly signal: AbortSignal },
): Promise<string> {
  const sha256 = await hashOf(pack);
  if (await store.has(sha256, signal)) return sha256;
  const label = `sending the agent for ${pack.target} to ${store.name}`;
  const detail = { work: `upload ${sha256}`, kind: "transfer", label, unit: "bytes" } as const;
  await OngoingWork.during(emit, detail, async (work) => {
    const onProgress = (done: number): void => work.progress({ done });
    await store.put(sha256, packArchive(pack, { gzip: true }), { onProgress, signal });
  });
  return sha256;
}

async function hashOf(pack: AgentPack): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of packArchive(pack)) hash.update(chunk);
  return hash.digest("hex");
}
