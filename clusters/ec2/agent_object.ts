import { createHash } from "node:crypto";
import { GetObjectCommand, HeadObjectCommand } from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import type { AgentPack } from "../../agent/build/agent_pack.ts";
import { packArchive } from "../../agent/build/pack_archive.ts";
import type { Emit, WorkEvent } from "../events/mod.ts";
import type { Aws } from "./api/aws.ts";
import { errorCode } from "./api/error_code.ts";
import { upload } from "./upload.ts";

/** Where agents are in the stack's bucket. */
export const AGENT_PREFIX = "agents/";

/** Seconds for which instances may fetch an agent. */
const URL_LIFE = 60 * 60;

/** Milliseconds after which an object is put anew: the bucket removes those of thirty days. */
const RENEWAL = 20 * 24 * 60 * 60 * 1000;

/** An agent that instances can fetch. */
export interface AgentObject {
  /** Good for an hour, for whoever has it. */
  readonly url: string;
  /** Of the archive in it, once that is decompressed. Lower-case hexadecimal. */
  readonly sha256: string;
}

/** Where an agent is put, and who is told. */
export interface AgentObjectOptions {
  readonly bucket: string;
  readonly emit: Emit;
  readonly signal: AbortSignal;
}

/**
 * Sees to it that the bucket has this agent, compressed, by the hash of what is in it: it is sent
 * once, by whichever run needs it first. Resolves to that hash.
 */
export async function ensureAgentObject(
  aws: Aws,
  pack: AgentPack,
  options: AgentObjectOptions,
): Promise<string> {
  const sha256 = await hashOf(pack);
  if (!await hasObject(aws, sha256, options)) await send(aws, pack, { ...options, sha256 });
  return sha256;
}

/** The agent with this hash, at an address that is good for an hour. Asks nothing of AWS. */
export async function agentObject(aws: Aws, bucket: string, sha256: string): Promise<AgentObject> {
  const command = new GetObjectCommand({ Bucket: bucket, Key: keyOf(sha256) });
  return { url: await getSignedUrl(aws.s3, command, { expiresIn: URL_LIFE }), sha256 };
}

function keyOf(sha256: string): string {
  return `${AGENT_PREFIX}${sha256}.tar.gz`;
}

async function hashOf(pack: AgentPack): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of packArchive(pack)) hash.update(chunk);
  return hash.digest("hex");
}

async function hasObject(
  aws: Aws,
  sha256: string,
  { bucket, signal }: AgentObjectOptions,
): Promise<boolean> {
  const input = { Bucket: bucket, Key: keyOf(sha256) };
  const head = async (options: { abortSignal: AbortSignal }) => {
    try {
      return await aws.s3.send(new HeadObjectCommand(input), options);
    } catch (error) {
      if (errorCode(error) === "NotFound") return undefined;
      throw error;
    }
  };
  const found = await aws.call("look for the agent in the stack's bucket", head, { signal });
  return found !== undefined && Date.now() - (found.LastModified?.getTime() ?? 0) < RENEWAL;
}

async function send(
  aws: Aws,
  pack: AgentPack,
  { bucket, sha256, emit, signal }: AgentObjectOptions & { sha256: string },
): Promise<void> {
  const label = `sending the agent for ${pack.target} to S3`;
  const work: WorkEvent = { work: `upload ${sha256}`, kind: "transfer", label };
  emit({ type: "work-started", ...work });
  const where = { bucket, key: keyOf(sha256), tags: { clustertest: "agent" } };
  const onProgress = (done: number): void =>
    emit({ type: "work-progress", ...work, done, unit: "bytes" });
  try {
    await upload(aws, packArchive(pack, { gzip: true }), { ...where, onProgress, signal });
    emit({ type: "work-ended", ...work });
  } catch (error) {
    emit({ type: "work-ended", ...work, error: (error as Error).message });
    throw error;
  }
}
