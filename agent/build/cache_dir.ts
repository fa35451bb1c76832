import { join } from "node:path";

/**
 * The folder for what can be made again: `CLUSTERTEST_CACHE`, or `clustertest` where the operating
 * system keeps caches. It need not exist yet.
 */
export function cacheDir(): string {
  const named = Deno.env.get("CLUSTERTEST_CACHE");
  if (named) return named;
  const home = Deno.env.get("HOME");
  const xdg = Deno.env.get("XDG_CACHE_HOME");
  if (xdg && Deno.build.os !== "darwin") return join(xdg, "clustertest");
  if (!home) throw new Error("Cannot find a cache folder: set HOME or CLUSTERTEST_CACHE");
  return join(home, Deno.build.os === "darwin" ? "Library/Caches" : ".cache", "clustertest");
}
