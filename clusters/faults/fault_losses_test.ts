import { deepStrictEqual, match, rejects, strictEqual, throws } from "node:assert/strict";
import type { ClusterEvent } from "../events/mod.ts";
import type { Node } from "../node/mod.ts";
import { Fault } from "./fault.ts";
import { FaultLosses } from "./fault_losses.ts";

/** A fault of two nodes, which may go, as the cluster may. */
function scene() {
  const [disposed, gone] = [new AbortController(), new AbortController()];
  const told: Partial<ClusterEvent>[] = [];
  const context = {
    emit: (event: Partial<ClusterEvent>) => void told.push(event),
    losses: new Set<FaultLosses>(),
    signal: disposed.signal,
  };
  const losses = new FaultLosses({ id: "fault1", action: "block a to b", context });
  const heal = () => Promise.resolve();
  const takeLoss = () => losses.take();
  const fault = new Fault("partition a from b", {
    proof: undefined,
    isHealed: false,
    heal,
    takeLoss,
  });
  const node = (name: string, signal = new AbortController().signal) => ({ name, signal }) as Node;
  const [a, b] = [node("a"), node("b", gone.signal)];
  return { fault, losses, context, told, disposed, gone, a, b };
}

const killed = new Error("the container was killed");

Deno.test("heal() rejects once when a fault was lost before, and says where, when and why", async () => {
  const { fault, losses, told, context, a, b } = scene();
  losses.add(b, killed);
  losses.add(a, killed);
  deepStrictEqual([losses.has(a), losses.has(b), context.losses.size], [true, true, 1]);
  strictEqual(told.length, 2);
  throws(() => losses.throwIfAny(), /^Error: The fault ended on node "b" by itself: the container/);
  await rejects(fault.heal(), ({ message, cause, stack }: Error) => {
    match(message, /^Cannot heal what was done to block a to b: it was lost before\.\n/);
    for (const name of ["a", "b"]) {
      const line =
        `\n  It ended on node "${name}" by itself \\d\\.\\d s after .*, at [\\d:]{8} UTC: the con`;
      match(message, new RegExp(line));
    }
    deepStrictEqual([cause, stack!.includes("fault_losses_test.ts")], [killed, true]);
    return true;
  });
  strictEqual(context.losses.size, 0);
  await fault.heal();
});

Deno.test("the end of a scope leaves it to the test to tell that a fault was lost", async () => {
  const { fault, losses, context, a } = scene();
  losses.add(a, killed);
  await fault[Symbol.asyncDispose]();
  strictEqual(context.losses.size, 1);
});

Deno.test("what was lost of a node that is gone, or of a cluster, is no error", async () => {
  for (const end of ["gone", "disposed"] as const) {
    const parts = scene();
    parts.losses.add(parts.b, killed);
    parts[end].abort();
    await parts.fault.heal();
    strictEqual(parts.context.losses.size, 0);
  }
});
