import type { Host } from "../../agent/host/host.ts";

/**
 * Opens this machine as a host, which has the runner's end of a forward. It is loaded with the first
 * one: whoever imports the root need not wait for all that a host can do.
 */
export async function openRunnerHost(): Promise<Host> {
  const { LocalHost } = await import("../../agent/host/local_host.ts");
  return await LocalHost.open({ rootDir: Deno.cwd() });
}
