import type { Engine } from "./engine/engine.ts";
import { EngineError } from "./engine/engine_error.ts";
import { ownedLabels, type Ownership } from "./labels.ts";

/** Creates a network of a cluster's own; resolves to its name. */
export async function createNetwork(
  engine: Engine,
  owner: Ownership,
  signal: AbortSignal,
): Promise<string> {
  const name = `clustertest-${owner.clusterId}`;
  const what = `create the network "${name}"`;
  try {
    await engine.inTurn(() =>
      engine.call({
        what,
        method: "POST",
        path: "/networks/create",
        body: { Name: name, CheckDuplicate: true, Labels: ownedLabels("network", owner) },
        signal,
      })
    );
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
