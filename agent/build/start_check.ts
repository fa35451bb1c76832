import { agentEnvironment } from "./agent_environment.ts";
import type { AgentTarget } from "./agent_pack.ts";
import { machineOf } from "./linux_machine.ts";
import { runTool } from "./run_tool.ts";

/**
 * Runs the agent that `command` starts for its version, where this host is of the target's kind; so
 * that a pack that does not start is never used. Throws {@linkcode ToolError} if it does not.
 */
export async function checkStart(
  command: readonly string[],
  { target, signal }: { target: AgentTarget; signal?: AbortSignal | undefined },
): Promise<void> {
  if (!canRunHere(target)) return;
  const env = { ...agentEnvironment, PATH: "/usr/bin:/bin" };
  const version = await runTool([...command, "--version"], { env, clearEnv: true, signal });
  // A base that has no notion of an embedded program is itself.
  if (version.startsWith("deno ")) throw new Error("The base runtime does not run the agent");
}

function canRunHere(target: AgentTarget): boolean {
  if (target === "native") return true;
  return Deno.build.os === "linux" && Deno.build.arch === machineOf(target).arch;
}
