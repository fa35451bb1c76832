import { backendByName } from "../backends.ts";
import type { Backend } from "../kit/mod.ts";

/** Names the backend of a cluster whose code names none. */
const BACKEND_VARIABLE = "CLUSTERTEST_BACKEND";

/** The backend of a cluster whose code names none: the one that the environment does, or `local`. */
export async function defaultBackend(): Promise<Backend> {
  return await backendByName(Deno.env.get(BACKEND_VARIABLE) || "local", BACKEND_VARIABLE);
}
