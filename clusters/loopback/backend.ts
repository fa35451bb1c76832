import { obtainAgent } from "../../agent/build/obtain_agent.ts";
import { type Backend, type ClusterContext, createFleet, type NodeOptions } from "../kit/mod.ts";
import { reportBuild } from "../events/mod.ts";
import { atCaller } from "../options/mod.ts";
import { type NodeMaker, ThisHostBackend, type ThisHostOptions } from "../this_host/mod.ts";
import { openLoopbackNode } from "./process_resource.ts";

/**
 * Nodes are agents that run as processes of this host, reached over the whole wire, as in containers of
 * an engine on this machine. It is for tests of what lies between a test and a node, with nothing installed; for
 * everything else `local()` is the same, and faster. Starts nothing by itself.
 */
export function loopback(options: ThisHostOptions = {}): Backend<NodeOptions> {
  const { dangerouslyAllowHostPaths = false } = options;
  return atCaller(loopback, () =>
    new ThisHostBackend({
      name: "loopback",
      options,
      module: import.meta.resolve("./mod.ts"),
      prepare: (context) => prepare(context, !dangerouslyAllowHostPaths),
    }));
}

/** The backend that `CLUSTERTEST_BACKEND=loopback` means. */
export function backendFromEnvironment(): Backend<NodeOptions> {
  return loopback();
}

/** The backend that a recipe means: good for a sweep, from whatever process. */
export function backendFromRecipe(): Backend<NodeOptions> {
  return loopback();
}

async function prepare(context: ClusterContext, confine: boolean): Promise<NodeMaker> {
  const { heartbeat, signal, emit } = context;
  const pack = await reportBuild(
    emit,
    (onProgress) => obtainAgent("native", { signal, onProgress }),
  );
  const fleet = await createFleet(context);
  const onTls = (reason: string) => emit({ type: "control-route", by: "tls", reason });
  const shared = { pack, fleet, confine, lease: heartbeat.timeout, onTls };
  return {
    open: (place, { name, signal }) => openLoopbackNode(place, { ...shared, name }, signal),
    [Symbol.asyncDispose]: () => fleet[Symbol.asyncDispose](),
  };
}
