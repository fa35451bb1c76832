import assert from "node:assert/strict";
import { startEnrolled } from "./connected_agent.ts";
import { peakDuring, usageOf } from "./process_usage.ts";
import type { SlowPlan } from "./slow_runner.ts";

/** Bytes that either side may take while something is slow: windows, and what a runtime has spare. */
const ROOM = 160 * 1024 * 1024;

/** Moves bytes past something slow, and makes sure that neither side piles them up. */
export async function checkMemory(
  { direction, size }: Omit<SlowPlan, "known" | "runner">,
): Promise<void> {
  await using enrolled = await startEnrolled({ args: ["--lease", "600"] });
  const { known, runner, agent } = enrolled;
  const before = (await usageOf(agent.pid)).resident;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", import.meta.resolve("./slow_runner.ts")],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(JSON.stringify({ known, runner, direction, size })));
  await writer.close();
  const moved = new Response(child.stdout).text();
  const [ofAgent, ofRunner] = await Promise.all([
    peakDuring(agent.pid, moved),
    peakDuring(child.pid, moved),
  ]);
  assert.equal(Number(await moved), size);
  assert.ok((await child.status).success);
  assert.ok(ofAgent < before + ROOM, `the agent had ${ofAgent} bytes, ${before} before`);
  assert.ok(ofRunner < 2 * ROOM, `the runner had ${ofRunner} bytes`);
}
