/**
 * A runner of its own, so that its memory can be looked at: it moves many bytes past something slow.
 * Its argument is a {@linkcode SlowPlan} as JSON; it writes one line when it is done.
 *
 * @module
 */
import type { KnownAgent } from "../client/agent_tls.ts";
import type { RunnerIdentity } from "../identity/identity.ts";
import type { AgentHost } from "../client/agent_host.ts";
import { openHost } from "./connected_agent.ts";

/** What a slow runner does. */
export interface SlowPlan {
  readonly known: KnownAgent;
  readonly runner: RunnerIdentity;
  /** `"output"` reads a process slowly; `"input"` writes to a process that reads slowly. */
  readonly direction: "output" | "input";
  /** Bytes. */
  readonly size: number;
}

/** Bytes after which the slow side rests for a millisecond. */
const STRIDE = 256 * 1024;

if (import.meta.main) {
  const plan: SlowPlan = JSON.parse(await new Response(Deno.stdin.readable).text());
  await using host = await openHost(plan);
  const moved = await (plan.direction === "output" ? readSlowly : writeFast)(host, plan.size);
  Deno.stdout.writeSync(new TextEncoder().encode(`${moved}\n`));
}

async function readSlowly(host: AgentHost, size: number): Promise<number> {
  await using child = await host.processes.start({
    command: "head",
    args: ["-c", `${size}`, "/dev/zero"],
    stdout: "piped",
  });
  let total = 0;
  let rested = 0;
  for await (const chunk of child.stdout) {
    total += chunk.length;
    if (total - rested < STRIDE) continue;
    rested = total;
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  return total;
}

/** The process takes what comes in strides, with a new program started for each. */
async function writeFast(host: AgentHost, size: number): Promise<number> {
  const strides = size / (8 * STRIDE);
  const script = 'n=0; while [ "$n" -lt "$0" ]; do ' +
    `dd bs=${8 * STRIDE} count=1 iflag=fullblock of=/dev/null status=none; n=$((n + 1)); ` +
    "sleep 0.005; done; wc -c > left";
  await using child = await host.processes.start({
    command: "sh",
    args: ["-c", script, `${strides}`],
    stdin: "piped",
  });
  const writer = child.stdin.getWriter();
  const chunk = new Uint8Array(STRIDE);
  for (let sent = 0; sent < size; sent += chunk.length) await writer.write(chunk);
  await writer.close();
  const { success } = await child.status;
  const left = Number(await new Response(await host.files.read("left")).text());
  return success ? size - left : 0;
}
