import type { HostListener, ListenTarget } from "../../agent/host/host.ts";
import type { NodeContext } from "../calls/mod.ts";

/** Opens a listener on the node. A warning event says when it cannot accept connections for a while. */
export function listenOn(
  { host, emit, name, backend }: NodeContext,
  target: ListenTarget,
  signal: AbortSignal,
): Promise<HostListener> {
  const onTrouble = (message: string) =>
    emit({ type: "warning", message: `${message} (node "${name}" on ${backend})` });
  return host().network.listen(target, { signal, onTrouble });
}
