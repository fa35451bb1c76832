import { keyedDigest } from "./keyed_digest.ts";

/** What a launch hands to each of its nodes; the agent reads it as JSON. */
export interface LaunchDocument {
  /** The certificate of the cluster's authority, in PEM. */
  readonly caCertificate: string;
  /** Known to the runner and to the nodes of one launch, for as long as that lasts. */
  readonly token: string;
  /**
   * Added to the environment of the processes that this one agent starts. What is here is seen by
   * nobody else; `CLUSTERTEST_ADDRESS` tells the agent its own address, too.
   */
  readonly env?: Readonly<Record<string, string>> | undefined;
}

/** What the runner asks an agent for. */
export interface EnrolmentRequest {
  /** Chosen by the runner: the same enrolment may be asked for again. */
  readonly id: string;
  /** By {@linkcode runnerProof}. */
  readonly proof: string;
}

/** What the agent answers. */
export interface EnrolmentReply {
  /** The agent's certificate, in PEM. */
  readonly certificate: string;
  /** The name in it. */
  readonly name: string;
  /** By {@linkcode agentProof}. */
  readonly proof: string;
  /** The version of the agent's protocol. */
  readonly protocol: number;
}

/** Proves that the runner knows the token. */
export async function runnerProof(token: string, id: string): Promise<string> {
  return await keyedDigest(token, ["runner", id]);
}

/** Proves that the agent knows the token, and that this certificate is its own. */
export async function agentProof(
  token: string,
  { id, certificate, name }: { id: string; certificate: string; name: string },
): Promise<string> {
  return await keyedDigest(token, ["agent", id, name, certificate]);
}
