import { BackendUnusableError } from "../../errors.ts";
import { type Candidate, type EngineSelection, findCandidates } from "./select_engine.ts";
import { Engine } from "./engine.ts";
import { EngineError } from "./engine_error.ts";
import { formatEndpoint } from "./endpoint.ts";

/** Milliseconds in which an engine has to answer, once it is connected to. */
const ANSWER_DEADLINE = 10_000;

/**
 * Connects to the engine that the Docker command line would use. Throws one error that lists every
 * place where it was looked for, why each failed, and what to do.
 */
export async function findEngine(
  selection: EngineSelection,
  signal?: AbortSignal,
): Promise<Engine> {
  const failures: string[] = [];
  for (const candidate of await findCandidates(selection)) {
    const engine = await tryEngine(candidate, failures, signal);
    if (engine !== undefined) return engine;
  }
  const reason = `no engine was found:\n${failures.join("\n")}`;
  throw new BackendUnusableError({ backend: "docker", reason, remedy: REMEDY });
}

const REMEDY =
  'Start one ("systemctl start docker" as root, or Docker Desktop), or say where one ' +
  'is: DOCKER_HOST="ssh://user@host", "tcp://host:2376" with DOCKER_TLS_VERIFY=1 and ' +
  'DOCKER_CERT_PATH, or "docker context use"';

async function tryEngine(
  candidate: Candidate,
  failures: string[],
  signal: AbortSignal | undefined,
): Promise<Engine | undefined> {
  let place = candidate.source;
  let engine: Engine | undefined;
  try {
    const endpoint = await candidate.endpoint();
    place = `${formatEndpoint(endpoint)} (${candidate.source})`;
    engine = await Engine.connect(endpoint, signal);
    const deadline = ANSWER_DEADLINE;
    await engine.call({ what: "reach it", method: "GET", path: "/_ping", deadline, signal });
    return engine;
  } catch (error) {
    await engine?.[Symbol.asyncDispose]();
    signal?.throwIfAborted();
    failures.push(`  - ${place}: ${explain(error as Error)}`);
    return undefined;
  }
}

function explain(error: Error): string {
  if (error instanceof EngineError && error.status !== undefined) {
    return `what answers there is no engine (HTTP status ${error.status})`;
  }
  switch ((error.cause as { code?: string } | undefined)?.code) {
    case "ENOENT":
      return "there is no such socket";
    case "EACCES":
      return "permission denied; be root, or become a member of the group that owns the socket " +
        '(usually "docker")';
    case "ECONNREFUSED":
      return "connection refused: nothing listens there";
    default:
      return error.message;
  }
}
