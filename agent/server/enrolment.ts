import type { NodeIdentity } from "../identity/identity.ts";
import {
  agentProof,
  type EnrolmentReply,
  type EnrolmentRequest,
  runnerProof,
} from "../identity/enrolment_proof.ts";
import { sameDigest } from "../identity/keyed_digest.ts";
import { PROTOCOL_VERSION } from "../wire/protocol.ts";

/** An enrolment was refused, for the reason in the message. */
export class EnrolmentRefused extends Error {
  override readonly name = "EnrolmentRefused";
}

/** Shows an agent's certificate to the runner that knows the launch token, and to no client after that. */
export class Enrolment {
  readonly #token: string;
  readonly #identity: NodeIdentity;
  #enrolledAs: string | undefined;

  constructor(token: string, identity: NodeIdentity) {
    this.#token = token;
    this.#identity = identity;
  }

  /** Whether a runner has enrolled the agent. */
  get done(): boolean {
    return this.#enrolledAs !== undefined;
  }

  /** Answers; the same request may come again, for its answer may have been lost. */
  async enrol({ id, proof }: EnrolmentRequest): Promise<EnrolmentReply> {
    if (!sameDigest(proof, await runnerProof(this.#token, id))) {
      throw new EnrolmentRefused("the launch token is another one");
    }
    if (this.done && this.#enrolledAs !== id) {
      throw new EnrolmentRefused("this agent is enrolled already");
    }
    this.#enrolledAs = id;
    const { certificate, name } = this.#identity;
    const answer = await agentProof(this.#token, { id, certificate, name });
    return { certificate, name, proof: answer, protocol: PROTOCOL_VERSION };
  }
}
