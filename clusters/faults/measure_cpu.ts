import { type HostMachine, type MachineResources, MAX_BUSY } from "../../agent/host/host.ts";
import type { MachineCheck } from "../events/mod.ts";

/** Milliseconds for which processors are kept busy at a time. */
const DURATION = 500;

/** Milliseconds without a limit that show enough: limits stop what exceeds them five times as often. */
const FREE_DURATION = 300;

/** How often that is done at most until a limit has stopped it: a busy machine gives less than that. */
const MAX_TRIES = 20;

/** Milliseconds for which a limit counts. */
const PERIOD = 100;

/** Milliseconds that each processor may go on once a limit is reached. */
const SLICE = 10;

/** How it is measured what a node gets of its processors. */
export interface CpuMeasuring {
  /** As {@linkcode HostMachine.resources} tells it. */
  readonly resources: MachineResources;
  readonly signal: AbortSignal;
}

/** Keeps more processors busy than a node is to get, until its limit has stopped that. */
export async function measureCpu(
  machine: HostMachine,
  { cores, resources, signal }: CpuMeasuring & { readonly cores: number },
): Promise<Omit<MachineCheck, "node">[]> {
  const processors = Math.min(Math.ceil(cores) + 1, resources.processors, MAX_BUSY);
  const sum = { elapsed: 0, used: 0, throttled: 0 };
  let tries = 0;
  let isTold = true;
  do {
    const use = await machine.keepBusy({ processors, duration: DURATION }, { signal });
    sum.elapsed += use.elapsed;
    sum.used += use.used ?? 0;
    sum.throttled += use.throttled ?? 0;
    isTold = use.used !== null && use.throttled !== null;
    tries++;
  } while (isTold && sum.throttled === 0 && tries < MAX_TRIES);
  // What is left of a period at the beginning counts as a whole one.
  const most = cores * (sum.elapsed + tries * PERIOD) + tries * processors * SLICE;
  return [{
    quantity: "cpu",
    measured: isTold ? sum.used / sum.elapsed : null,
    atLeast: 0,
    atMost: most / sum.elapsed,
  }, {
    quantity: "throttled",
    measured: isTold ? sum.throttled : null,
    atLeast: 1,
    atMost: null,
  }];
}

/** Keeps all processors busy for a moment: nothing stops that. */
export async function proveNoThrottling(
  machine: HostMachine,
  { resources, signal }: CpuMeasuring,
): Promise<Omit<MachineCheck, "node">> {
  const processors = Math.min(resources.processors, MAX_BUSY);
  const { throttled } = await machine.keepBusy({ processors, duration: FREE_DURATION }, { signal });
  return { quantity: "throttled", measured: throttled, atLeast: 0, atMost: 0 };
}
