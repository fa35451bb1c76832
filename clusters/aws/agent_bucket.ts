import { GetObjectCommand, HeadObjectCommand } from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import type { AgentObject, AgentStore, PutOptions } from "../machines/mod.ts";
import type { Aws } from "./aws.ts";
import { errorCode } from "./error_code.ts";
import { upload } from "./upload.ts";

/** Where agents are in the stack's bucket. */
export const AGENT_PREFIX = "agents/";

/** Seconds for which instances may fetch an agent. */
const URL_LIFE = 60 * 60;

/** Milliseconds after which an object is put anew: the bucket removes those of thirty days. */
const RENEWAL = 20 * 24 * 60 * 60 * 1000;

/** The agents in the bucket of a stack. */
export class AgentBucket implements AgentStore {
  readonly name = "S3";
  readonly #aws: Aws;
  readonly #bucket: string;

  constructor(aws: Aws, bucket: string) {
    this.#aws = aws;
    this.#bucket = bucket;
  }

  async has(sha256: string, signal: AbortSignal): Promise<boolean> {
    const found = await this.#aws.call(
      "look for the agent in the stack's bucket",
      (options) => this.#head(sha256, options),
      { signal },
    );
    return found !== undefined && Date.now() - (found.LastModified?.getTime() ?? 0) < RENEWAL;
  }

  async put(
    sha256: string,
    archive: ReadableStream<Uint8Array>,
    options: PutOptions,
  ): Promise<void> {
    const where = { bucket: this.#bucket, key: keyOf(sha256), tags: { clustertest: "agent" } };
    await upload(this.#aws, archive, { ...where, ...options });
  }

  /** The agent with this hash, at an address that is good for an hour. Asks nothing of AWS. */
  async object(sha256: string): Promise<AgentObject> {
    const command = new GetObjectCommand(this.#input(sha256));
    return { url: await getSignedUrl(this.#aws.s3, command, { expiresIn: URL_LIFE }), sha256 };
  }

  #input(sha256: string): { Bucket: string; Key: string } {
    return { Bucket: this.#bucket, Key: keyOf(sha256) };
  }

  async #head(
    sha256: string,
    options: { abortSignal: AbortSignal },
  ): Promise<{ LastModified?: Date } | undefined> {
    try {
      return await this.#aws.s3.send(new HeadObjectCommand(this.#input(sha256)), options);
    } catch (error) {
      if (errorCode(error) === "NotFound") return undefined;
      throw error;
    }
  }
}

function keyOf(sha256: string): string {
  return `${AGENT_PREFIX}${sha256}.tar.gz`;
}
