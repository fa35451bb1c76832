import { delay } from "../../agent/delay.ts";
import type { Engine } from "./engine/engine.ts";
import { EngineError, hasStatus, orMissing } from "./engine/engine_error.ts";
import type { Ownership } from "../ownership/mod.ts";
import { ownedLabels } from "./labels.ts";

/**
 * Creates a network of a cluster's own; resolves to its name. Once it is asked for, this is not aborted:
 * the engine would go on, and create it after all that the cluster has was removed.
 */
export async function createNetwork(
  engine: Engine,
  owner: Ownership,
  signal: AbortSignal,
): Promise<string> {
  const name = `clustertest-${owner.clusterId}`;
  const what = `create the network "${name}"`;
  const body = { Name: name, CheckDuplicate: true, Labels: ownedLabels("network", owner) };
  try {
    await engine.inTurn(() => {
      signal.throwIfAborted();
      return engine.call({ what, method: "POST", path: "/networks/create", body });
    });
    signal.throwIfAborted();
    return name;
  } catch (error) {
    throw error instanceof EngineError ? explainExhaustion(what, error) : error;
  }
}

/** An engine has addresses for some thirty networks. */
function explainExhaustion(what: string, error: EngineError): EngineError {
  if (!/non-overlapping|address pools/.test(error.reason)) return error;
  const reason = "the engine has no addresses left for another network. See what dead runs left " +
    'by "deno task sweep --dry-run", and remove other networks by "docker network prune"';
  return new EngineError(what, { reason, status: error.status, cause: error });
}

/** Milliseconds in which an engine notices that the last container has left a network. */
const EMPTY_DEADLINE = 3000;

/** Milliseconds between two attempts until then. */
const ATTEMPT_INTERVAL = 100;

/** Removes a network once nothing is in it any more; resolves when it is gone. */
export async function removeNetwork(
  engine: Pick<Engine, "call" | "inTurn">,
  id: string,
  name: string,
): Promise<void> {
  const what = `remove the network "${name}"`;
  const path = `/networks/${id}`;
  const end = Date.now() + EMPTY_DEADLINE;
  for (;;) {
    // On a machine that is busy the first attempt may have taken all of the time.
    const isLast = Date.now() > end;
    try {
      await orMissing(engine.inTurn(() => engine.call({ what, method: "DELETE", path })));
      return;
    } catch (error) {
      if (!hasStatus(error, 403)) throw error;
      if (isLast) throw await explainUse(engine, { what, path, error });
    }
    await delay(ATTEMPT_INTERVAL);
  }
}

interface NetworkMembers {
  readonly Containers?: Readonly<Record<string, { readonly Name: string }>> | null;
}

/** Only containers that are not the cluster's can be in it; or the engine has lost count of them. */
async function explainUse(
  engine: Pick<Engine, "call">,
  { what, path, error }: { what: string; path: string; error: EngineError },
): Promise<EngineError> {
  const { Containers } = await engine.call<NetworkMembers>({
    what: "look at a network",
    method: "GET",
    path,
  });
  const others = Object.values(Containers ?? {}).map(({ Name }) => `"${Name}"`).join(", ");
  const reason = others
    ? `containers that are not the cluster's are in it: ${others}. Remove them, then run ` +
      '"deno task sweep"'
    : "the engine takes it to be in use, although nothing is in it, as version 20.10 does now and " +
      'then. Restart the engine, then run "deno task sweep"';
  return new EngineError(what, { reason, status: error.status, cause: error });
}
