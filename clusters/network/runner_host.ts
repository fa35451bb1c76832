import type { Host } from "../../agent/host/host.ts";

/**
 * Opens this machine as a host, for the runner's end of forwards. Its modules are loaded with the first
 * forward, so that importing the package stays quick.
 */
export async function openRunnerHost(): Promise<Host> {
  const { LocalHost } = await import("../../agent/host/local_host.ts");
  return await LocalHost.open({ rootDir: Deno.cwd() });
}
