import type { Host } from "../../agent/host/host.ts";
import type { ShellPlace } from "../kit/mod.ts";

/**
 * Opens a host for one shell on a node that is a folder and processes of this machine. The shell's
 * processes have the marker of the node, so they end with it; disposing ends no others.
 */
export async function openPlace({ rootDir, env, marker }: ShellPlace): Promise<Host> {
  // Few guardians ever serve a shell: the module is loaded with the first one.
  const { LocalHost } = await import("../../agent/host/local_host.ts");
  // Without this check the host would make the folder of a node that is gone.
  await Deno.stat(rootDir);
  return await LocalHost.open({ rootDir, env: { ...env, ...marker } });
}
