import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert/strict";
import type { FileSystem, FillOptions } from "../../agent/host/host.ts";
import type { MachineCheck } from "../events/mod.ts";
import type { Node } from "../node/mod.ts";
import { isAsExpected } from "./fault_proof.ts";
import { type FilledDisks, FullDiskChange } from "./full_disk_change.ts";
import type { MachineTarget } from "./machine_change.ts";

const MEBIBYTE = 1024 * 1024;
const OPTIONS = { proof: true, signal: new AbortController().signal };

/** A machine with one disk, which fills it as it is asked to, unless that is made ineffective. */
class Machine {
  fileSystem: Omit<FileSystem, "free"> = {
    ...{ mountPoint: "/data", type: "tmpfs", source: "tmpfs", size: 64 * MEBIBYTE },
  };
  free = 64 * MEBIBYTE;
  memoryAvailable = 1024 * MEBIBYTE;
  sharedWhy: string | undefined;
  fills = 0;
  #fillsNothing = false;
  #keepsAll = false;

  /** Makes filling, or giving room back, do nothing. */
  break(what: "filling" | "giving back"): void {
    if (what === "filling") this.#fillsNothing = true;
    else this.#keepsAll = true;
  }

  get target(): MachineTarget {
    const machine = {
      fileSystem: () => Promise.resolve({ ...this.fileSystem, free: this.free }),
      resources: () => {
        const { memoryAvailable } = this;
        return Promise.resolve({ memoryLimit: null, memoryUsed: 0, memoryAvailable });
      },
      fillDisk: (_path: string, { leave }: FillOptions) => Promise.resolve(this.#fill(leave)),
    };
    const fullDisk = { sharedWhy: () => Promise.resolve(this.sharedWhy), remedy: "Mount another" };
    return {
      node: { name: "n" } as Node,
      host: { machine } as unknown as MachineTarget["host"],
      abilities: { fullDisk },
    };
  }

  #fill(leave: number) {
    this.fills++;
    let taken = 0;
    const refill = () => {
      const missing = this.#fillsNothing ? 0 : Math.max(0, this.free - leave);
      taken += missing;
      this.free -= missing;
      return Promise.resolve();
    };
    refill();
    return {
      lost: new Promise<Error>(() => {}),
      refill,
      probe: () => Promise.resolve({ written: this.free, isFull: !this.#fillsNothing }),
      [Symbol.asyncDispose]: () => {
        if (!this.#keepsAll) this.free += taken;
        return Promise.resolve();
      },
    };
  }
}

const areAsExpected = (checks: readonly MachineCheck[]) => checks.every(isAsExpected);

Deno.test("a full disk is shown by what can be written, and its end by the room that there is", async () => {
  const machine = new Machine();
  const change = new FullDiskChange("/data", MEBIBYTE, new WeakMap());
  const applied = await change.begin(machine.target, OPTIONS);
  deepStrictEqual((await applied.prove(OPTIONS.signal)).map(({ measured }) => measured), [
    MEBIBYTE,
  ]);
  ok(areAsExpected(await applied.prove(OPTIONS.signal)));
  await applied[Symbol.asyncDispose]();
  const undone = await applied.proveUndone(OPTIONS.signal);
  ok(undone.length === 1 && areAsExpected(undone));
  strictEqual(machine.free, 64 * MEBIBYTE);
});

Deno.test("a disk that was not filled, or stays full, is not shown", async () => {
  const machine = new Machine();
  machine.break("filling");
  const change = new FullDiskChange("/data", 0, new WeakMap());
  const without = await change.begin(machine.target, OPTIONS);
  strictEqual(areAsExpected(await without.prove(OPTIONS.signal)), false);
  const other = new Machine();
  other.break("giving back");
  const applied = await change.begin(other.target, OPTIONS);
  await applied[Symbol.asyncDispose]();
  strictEqual(areAsExpected(await applied.proveUndone(OPTIONS.signal)), false);
});

Deno.test("two faults of one disk keep it as full as the fuller one asks, whichever ends first", async () => {
  const [machine, filled] = [new Machine(), new WeakMap() as FilledDisks];
  const { target } = machine;
  const most = await new FullDiskChange("/data", 2 * MEBIBYTE, filled).begin(target, OPTIONS);
  const all = await new FullDiskChange("/data", 0, filled).begin(target, OPTIONS);
  await most[Symbol.asyncDispose]();
  strictEqual(machine.free, 0);
  // While another one keeps it full, nothing is to be shown.
  deepStrictEqual(await most.proveUndone(OPTIONS.signal), []);
  await all[Symbol.asyncDispose]();
  strictEqual(machine.free, 64 * MEBIBYTE);
});

Deno.test("a disk that others have, that is full, or that is too much memory is refused, and not filled", async () => {
  const refusals: readonly (readonly [(machine: Machine) => void, RegExp])[] = [
    [
      (machine) => machine.sharedWhy = "others have it",
      /at "\/data": others have it\. Mount another$/,
    ],
    [(machine) => machine.free = 1000, /it has 1000 bytes left, no more than it is to/],
    [(machine) => machine.memoryAvailable = 65 * MEBIBYTE, /bytes are memory, of which it has/],
  ];
  for (const [change, message] of refusals) {
    const machine = new Machine();
    change(machine);
    const fault = new FullDiskChange("/data", MEBIBYTE, new WeakMap());
    await rejects(fault.begin(machine.target, OPTIONS), (error: Error) => {
      match(error.message, /^Cannot fill the disk of node "n" at "\/data": [^\n]*$/);
      match(error.message, message);
      return true;
    });
    strictEqual(machine.fills, 0);
  }
  // On a disk it takes no memory.
  const machine = new Machine();
  machine.fileSystem = { ...machine.fileSystem, type: "ext4", source: "/dev/vdb" };
  machine.memoryAvailable = 0;
  await new FullDiskChange("/data", 0, new WeakMap()).begin(machine.target, OPTIONS);
  strictEqual(machine.free, 0);
});
