import { isAbsolute, join } from "node:path";

/**
 * The folder in which the user's own state is kept: `clustertest` in `XDG_STATE_HOME`, or in
 * `~/.local/state`; nothing when there is no home. A relative `XDG_STATE_HOME` counts as none: it
 * would lead into a checkout.
 */
export function stateDir(env: Pick<Deno.Env, "get"> = Deno.env): string | undefined {
  const [xdg, home] = ["XDG_STATE_HOME", "HOME"].map((name) => env.get(name) ?? "");
  if (isAbsolute(xdg!)) return join(xdg!, "clustertest");
  return isAbsolute(home!) ? join(home!, ".local/state/clustertest") : undefined;
}
