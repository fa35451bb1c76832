import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert/strict";
import type { CpuUse, HostMachine, MachineResources } from "../../agent/host/host.ts";
import type { MachineCheck } from "../events/mod.ts";
import type { Node } from "../node/mod.ts";
import { FaultProofError, isAsExpected } from "./fault_proof.ts";
import { cpuChange, memoryChange, type NodeLimits } from "./limit_change.ts";
import type { MachineTarget } from "./machine_change.ts";

const SIGNAL = new AbortController().signal;

/** A machine that lets a node have what was set, unless that is made ineffective. */
class Machine {
  readonly set: (number | undefined)[] = [];
  /** What a probe gets, whatever was set. */
  use: CpuUse | undefined;
  isEffective = true;
  probes = 0;

  get target(): MachineTarget {
    const limit = {
      set: (amount: number | undefined) => Promise.resolve(void this.set.push(amount)),
    };
    const machine = {
      resources: () => Promise.resolve(this.#resources),
      keepBusy: () => Promise.resolve(this.#busy),
    } as unknown as HostMachine;
    return {
      node: { name: "n" } as Node,
      host: { machine } as MachineTarget["host"],
      abilities: { cpu: limit, memory: limit },
    };
  }

  get #amount(): number | null {
    return this.isEffective ? this.set.at(-1) ?? null : null;
  }

  get #resources(): MachineResources {
    const limit = this.#amount;
    return {
      ...{ processors: 4, cpuLimit: limit, memory: 1000e6, memoryLimit: limit },
      ...{ memoryAvailable: 900e6, memoryUsed: 100e6 },
    };
  }

  get #busy(): CpuUse {
    this.probes++;
    const cores = this.#amount;
    if (this.use) return this.use;
    return cores === null
      ? { elapsed: 500, used: 1000, throttled: 0 }
      : { elapsed: 500, used: 500 * cores, throttled: 5 };
  }
}

function areAsExpected(checks: readonly MachineCheck[]): boolean {
  return checks.every(isAsExpected);
}

Deno.test("a limit of processors is shown by what a probe gets, and by what stops it", async () => {
  const machine = new Machine();
  const change = cpuChange(0.5, new WeakMap());
  const applied = await change.begin(machine.target, { proof: true, signal: SIGNAL });
  ok(areAsExpected(await applied.prove(SIGNAL)));
  const ineffective: readonly (readonly [string, CpuUse])[] = [
    ["it gets more", { elapsed: 500, used: 1000, throttled: 5 }],
    ["nothing stops it: others keep the processors busy", { elapsed: 500, used: 50, throttled: 0 }],
    ["nothing is told", { elapsed: 500, used: null, throttled: null }],
  ];
  for (const [why, use] of ineffective) {
    machine.use = use;
    ok(!areAsExpected(await applied.prove(SIGNAL)), why);
  }
  machine.use = undefined;
  await applied[Symbol.asyncDispose]();
  ok(areAsExpected(await applied.proveUndone(SIGNAL)));
  machine.use = { elapsed: 300, used: 150, throttled: 2 };
  ok(!areAsExpected(await applied.proveUndone(SIGNAL)));
  deepStrictEqual(machine.set, [0.5, undefined]);
});

Deno.test("a limit that has no effect is not shown, and its error says what was seen", async () => {
  for (const change of [cpuChange(0.5, new WeakMap()), memoryChange(200e6, new WeakMap())]) {
    const machine = new Machine();
    machine.isEffective = false;
    const applied = await change.begin(machine.target, { proof: true, signal: SIGNAL });
    const machines = await applied.prove(SIGNAL);
    ok(!areAsExpected(machines));
    strictEqual(machine.probes, 0);
    const proof = { checks: [], machines, links: 0, checkedLinks: 0, elapsed: 1 };
    const { message } = new FaultProofError("limit it", proof);
    match(
      message,
      /^Cannot limit it: 1 of 1 checks did not show it\n {2}on n, (cpu|memory)-limit was/,
    );
  }
});

Deno.test("limits of one node add up: the least counts, until all are gone, in any order", async () => {
  for (const [first, second] of [[300e6, 200e6], [200e6, 300e6]] as const) {
    for (const order of [[0, 1], [1, 0]] as const) {
      const machine = new Machine();
      const limits: NodeLimits = new WeakMap();
      const { target } = machine;
      const applied = [];
      for (const bytes of [first, second]) {
        const options = { proof: true, signal: SIGNAL };
        applied.push(await memoryChange(bytes, limits).begin(target, options));
      }
      strictEqual(machine.set.at(-1), 200e6);
      for (const each of order) {
        await applied[each]![Symbol.asyncDispose]();
        ok(areAsExpected(await applied[each]!.proveUndone(SIGNAL)));
      }
      strictEqual(machine.set.at(-1), undefined);
    }
  }
});

Deno.test("a limit that is none, or that would end what runs there, changes nothing", async () => {
  const machine = new Machine();
  const begin = (bytes: number) =>
    memoryChange(bytes, new WeakMap()).begin(machine.target, { proof: true, signal: SIGNAL });
  await rejects(begin(1000e6), /^RangeError: Cannot .* to 1000000000 bytes: it has no more than 1/);
  await rejects(
    begin(99e6),
    /^RangeError: Cannot limit the memory of node "n" .*: it uses 100000000/,
  );
  deepStrictEqual(machine.set, []);
});

Deno.test("a limit that could not be set leaves the others as they were", async () => {
  const machine = new Machine();
  const limits: NodeLimits = new WeakMap();
  const { target } = machine;
  await cpuChange(2, limits).begin(target, { proof: true, signal: SIGNAL });
  const failing = target.abilities.cpu!.set;
  let failures = 1;
  Object.assign(target.abilities.cpu!, {
    set: async (amount: number | undefined, options: object) => {
      await failing(amount, options);
      if (failures-- > 0) throw new Error("the engine is down");
    },
  });
  await rejects(cpuChange(1, limits).begin(target, { proof: true, signal: SIGNAL }), /is down/);
  deepStrictEqual(machine.set, [2, 1, 2]);
});
