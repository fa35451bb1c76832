import type { Watch } from "../guardian/mod.ts";
import { suppressedParts, thrownText } from "../../agent/thrown_text.ts";
import type { Backend, ClusterContext, NodeOptions, Provider } from "../kit/mod.ts";

/**
 * Opens a backend. If the signal of `context` aborts meanwhile, what was made is given back; if that
 * fails, an event says so, and the guardian goes on to try it.
 */
export async function openBackend<O extends NodeOptions>(
  backend: Backend<O>,
  context: ClusterContext,
  guard: Watch,
): Promise<Provider<O>> {
  const { signal, emit } = context;
  try {
    await using stack = new AsyncDisposableStack();
    const provider = stack.use(await backend.open(context));
    signal.throwIfAborted();
    stack.move();
    return provider;
  } catch (error) {
    const [first, ...leftOvers] = suppressedParts(error);
    if (leftOvers.length > 0) {
      guard.keep();
      emit({ type: "cluster-disposed", errors: leftOvers.map(thrownText) });
    }
    throw signal.aborted ? signal.reason : first;
  }
}
