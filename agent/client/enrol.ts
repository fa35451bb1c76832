import {
  agentProof,
  type EnrolmentReply,
  type LaunchDocument,
  runnerProof,
} from "../identity/enrolment_proof.ts";
import { sameDigest } from "../identity/keyed_digest.ts";
import type { RunnerIdentity } from "../identity/identity.ts";
import { describeVersions } from "../wire/hello.ts";
import { PROTOCOL_VERSION } from "../wire/protocol.ts";
import { integer, record, text } from "../wire/shape.ts";
import { post, UnansweredError } from "./agent_request.ts";
import { type KnownAgent, unknownTls } from "./agent_tls.ts";
import { Deadline } from "../deadline.ts";
import { delay } from "../delay.ts";

/** Milliseconds between two attempts, at first and at most, and how they grow. */
const PAUSES = { first: 10, last: 500, growth: 1.2 };

/** Milliseconds that one attempt may take. */
const ATTEMPT_TIMEOUT = 10_000;

/** Attempts in a row that end after the handshake, upon which it is taken for a refusal. */
const MAX_UNANSWERED = 3;

const replyShape = record({
  certificate: text(),
  name: text(253),
  proof: text(64),
  protocol: integer(),
});
const refusalShape = record({ error: text() });

/** An agent, or something in its place, that will not become the right one by waiting. */
export class EnrolmentError extends Error {
  /** `"EnrolmentError"`. */
  override readonly name = "EnrolmentError";
}

/** Which agent to enrol, and by what it and the runner prove themselves. */
export interface EnrolOptions {
  readonly address: { readonly hostname: string; readonly port: number };
  readonly launch: LaunchDocument;
  readonly runner: RunnerIdentity;
  readonly signal: AbortSignal;
}

/**
 * Waits until an agent answers, and makes sure that it is the one that was launched. Rejects with an
 * {@linkcode EnrolmentError} when it is another one; when `signal` aborts, with its reason, whose
 * `cause` is then why the last attempt failed, if it has none.
 */
export async function enrol(options: EnrolOptions): Promise<KnownAgent> {
  const { launch, signal } = options;
  const id = crypto.randomUUID();
  let pause = PAUSES.first;
  let last: unknown;
  let unanswered = 0;
  for (;;) {
    try {
      return await attempt({ ...options, id, proof: await runnerProof(launch.token, id) });
    } catch (error) {
      if (error instanceof EnrolmentError) throw error;
      unanswered = error instanceof UnansweredError ? unanswered + 1 : 0;
      if (unanswered >= MAX_UNANSWERED) throw unaccepted(options.address, error);
      if (!signal.aborted) last = error;
    }
    await delay(pause, signal).catch((reason) => {
      if (reason instanceof Error && last !== undefined) reason.cause ??= last;
      throw reason;
    });
    pause = Math.min(PAUSES.last, PAUSES.growth * pause);
  }
}

async function attempt(
  { address, launch, runner, id, proof, signal }: EnrolOptions & { id: string; proof: string },
): Promise<KnownAgent> {
  const late = () => new Deno.errors.TimedOut("the agent does not answer");
  using until = new Deadline(ATTEMPT_TIMEOUT, [signal], late);
  const { status, body } = await post(address, "/v1/enrol", {
    body: { id, proof },
    tls: unknownTls(runner),
    signal: until.signal,
  });
  if (status !== 200) throw refused(address, body);
  const agent = await verified(address, { body, token: launch.token, id });
  return { ...address, ...agent };
}

async function verified(
  { hostname, port }: EnrolOptions["address"],
  { body, token, id }: { body: unknown; token: string; id: string },
): Promise<Pick<EnrolmentReply, "certificate" | "name">> {
  const where = `Cannot enrol the agent at ${hostname}:${port}`;
  let reply: EnrolmentReply;
  try {
    reply = replyShape(body, "the answer");
  } catch (cause) {
    throw new EnrolmentError(`${where}: what answers there is no agent`, { cause });
  }
  const { certificate, name, proof, protocol } = reply;
  if (!sameDigest(proof, await agentProof(token, { id, certificate, name }))) {
    throw new EnrolmentError(`${where}: what answers there does not know the launch token`);
  }
  if (protocol !== PROTOCOL_VERSION) {
    throw new EnrolmentError(`${where}: ${describeVersions(PROTOCOL_VERSION, protocol)}`);
  }
  return { certificate, name };
}

function unaccepted({ hostname, port }: EnrolOptions["address"], cause: unknown): Error {
  const where = `Cannot enrol the agent at ${hostname}:${port}`;
  return new EnrolmentError(`${where}: it does not accept this runner's certificate`, { cause });
}

function refused({ hostname, port }: EnrolOptions["address"], body: unknown): Error {
  const where = `Cannot enrol the agent at ${hostname}:${port}`;
  try {
    return new EnrolmentError(`${where}: ${refusalShape(body, "the answer").error}`);
  } catch {
    return new EnrolmentError(`${where}: what answers there is no agent`);
  }
}
