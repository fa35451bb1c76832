import type { Host, MachineResources } from "../../agent/host/host.ts";
import type { MachineCheck } from "../events/mod.ts";
import type { Node } from "../node/mod.ts";
import type {
  AppliedChange,
  BeginOptions,
  MachineChange,
  MachineTarget,
} from "./machine_change.ts";
import { isAsExpected } from "./fault_proof.ts";
import { measureCpu, proveNoThrottling } from "./measure_cpu.ts";
import { amountsOf, NodeLimit } from "./node_limit.ts";

/** The limits of nodes that faults have set: faults of one node add up. */
export type NodeLimits = WeakMap<Node, NodeLimit>;

/** Parts of a processor by which a limit may differ from what was asked: it is kept in microseconds. */
const CPU_ROUNDING = 0.005;

/** Bytes of the largest page: a limit is a number of pages. */
const PAGE = 65_536;

/** Nodes get so many processors' time. */
export function cpuChange(cores: number, limits: NodeLimits): MachineChange {
  return new LimitChange("cpu", cores, limits);
}

/** Nodes get so many bytes of memory. */
export function memoryChange(bytes: number, limits: NodeLimits): MachineChange {
  return new LimitChange("memory", bytes, limits);
}

class LimitChange implements MachineChange {
  readonly ability: "cpu" | "memory";
  readonly #amount: number;
  readonly #limits: NodeLimits;

  constructor(ability: "cpu" | "memory", amount: number, limits: NodeLimits) {
    this.ability = ability;
    this.#amount = amount;
    this.#limits = limits;
  }

  async begin(target: MachineTarget, { proof, signal }: BeginOptions): Promise<AppliedChange> {
    const { node, abilities, host } = target;
    const limit = this.#limits.get(node) ?? new NodeLimit(abilities[this.ability]!);
    this.#limits.set(node, limit);
    if (proof) {
      const resources = await host.machine.resources({ signal });
      if (limit.amount === undefined) limit.before = amountsOf(resources)[this.ability];
      this.#check(node, resources, limit.before);
    }
    const key = {};
    await limit.add(key, this.#amount, signal);
    const { ability } = this;
    return {
      prove: (signal) => prove(ability, { node, host, limit }, signal),
      proveUndone: (signal) => proveUndone(ability, { node, host, limit }, signal),
      [Symbol.asyncDispose]: () => limit.remove(key),
    };
  }

  /** Throws when it would be no fault, or would end what runs there. */
  #check(node: Node, { memoryUsed }: MachineResources, before: number | undefined): void {
    const [what, unit] = this.ability === "cpu" ? ["CPU", "cores"] : ["memory", "bytes"];
    const action = `limit the ${what} of node "${node.name}" to ${this.#amount} ${unit}`;
    if (before !== undefined && this.#amount >= before) {
      throw new RangeError(`Cannot ${action}: it has no more than ${before}`);
    }
    if (this.ability === "memory" && memoryUsed !== null && memoryUsed >= this.#amount) {
      throw new RangeError(
        `Cannot ${action}: it uses ${memoryUsed} now, with its agent, and the kernel would end some of it`,
      );
    }
  }
}

/** A node with a limit, and who measures there. */
interface Limited {
  readonly node: Node;
  /** That of the node, whatever is behind it by now. */
  readonly host: Host;
  readonly limit: NodeLimit;
}

async function prove(
  ability: "cpu" | "memory",
  { node: { name: node }, host, limit }: Limited,
  signal: AbortSignal,
): Promise<MachineCheck[]> {
  const amount = limit.amount!;
  const resources = await host.machine.resources({ signal });
  const asked = limitCheck(ability, amount, resources);
  // Without the limit, it would take long to see that nothing stops a probe.
  if (ability === "memory" || !isAsExpected({ node, ...asked })) return [{ node, ...asked }];
  const measured = await measureCpu(host.machine, { cores: amount, resources, signal });
  return [asked, ...measured].map((check) => ({ node, ...check }));
}

/** What another fault still asks for, or what the node had before; nothing if nobody knows that. */
async function proveUndone(
  ability: "cpu" | "memory",
  { node: { name: node }, host, limit }: Limited,
  signal: AbortSignal,
): Promise<MachineCheck[]> {
  const amount = limit.amount ?? limit.before;
  if (amount === undefined) return [];
  const resources = await host.machine.resources({ signal });
  const checks = [limitCheck(ability, amount, resources)];
  if (ability === "cpu" && amount >= resources.processors) {
    checks.push(await proveNoThrottling(host.machine, { resources, signal }));
  }
  return checks.map((check) => ({ node, ...check }));
}

function limitCheck(
  ability: "cpu" | "memory",
  amount: number,
  resources: MachineResources,
): Omit<MachineCheck, "node"> {
  const rounding = ability === "cpu" ? CPU_ROUNDING : PAGE;
  return {
    quantity: `${ability}-limit`,
    measured: amountsOf(resources)[ability],
    atLeast: amount - rounding,
    atMost: amount + rounding,
  };
}
