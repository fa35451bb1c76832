import { MissingAbilityError } from "../errors.ts";
import { abilityNames, type Node } from "../node/mod.ts";
import type { FaultContext, FaultSurroundings } from "./fault_context.ts";
import { type FilledDisks, FullDiskChange } from "./full_disk_change.ts";
import { cpuChange, memoryChange, type NodeLimits } from "./limit_change.ts";
import type { MachineChange, MachineTarget } from "./machine_change.ts";
import { isAway, MachineFault } from "./machine_fault.ts";
import type { FullDiskOptions, MachineFaultOptions } from "./machine_options.ts";

/** A fault of machines that is asked for. */
export interface MachineRequest {
  /** Completes "Cannot …". */
  readonly action: string;
  readonly nodes: readonly Node[];
  readonly what: MachineDeed;
  readonly options: MachineFaultOptions;
}

/** What is to be done to nodes. */
export type MachineDeed =
  | { readonly cores: number }
  | { readonly bytes: number }
  | { readonly path: string; readonly leave: NonNullable<FullDiskOptions["leave"]> };

/** The faults of machines of one cluster. */
export class MachineFaults {
  readonly #surroundings: FaultSurroundings;
  readonly #context: FaultContext;
  readonly #active = new Set<MachineFault>();
  readonly #cpu: NodeLimits = new WeakMap();
  readonly #memory: NodeLimits = new WeakMap();
  readonly #filled: FilledDisks = new WeakMap();

  constructor(surroundings: FaultSurroundings, context: FaultContext) {
    this.#surroundings = surroundings;
    this.#context = context;
  }

  /** Those that have ended on a node because it was killed. */
  endedOn(node: Node): MachineFault[] {
    return [...this.#active].filter((fault) => fault.hasToBeRestoredOn(node));
  }

  /**
   * What makes one, when it is its turn. Throws a `MissingAbilityError` when a node does not have the
   * ability.
   */
  prepare(
    { nodes, what, ...request }: MachineRequest,
  ): (id: string, signal: AbortSignal) => Promise<MachineFault> {
    const context = this.#context;
    const change = this.#changeOf(what);
    const targets = nodes.map((node) => this.#target(node, change.ability));
    const onHealed = (fault: MachineFault) => this.#active.delete(fault);
    return (id, signal) =>
      context.turns.take(async () => {
        const parts = { ...request, id, change, targets, context, onHealed };
        const fault = await context.onNodes(() => {
          for (const { node } of targets) checkPresence(node, request, change);
          return MachineFault.make(parts, signal);
        }, signal);
        this.#active.add(fault);
        return fault;
      }, signal);
  }

  #changeOf(what: MachineDeed): MachineChange {
    if ("cores" in what) return cpuChange(what.cores, this.#cpu);
    if ("bytes" in what) return memoryChange(what.bytes, this.#memory);
    return new FullDiskChange(what.path, what.leave, this.#filled);
  }

  #target(node: Node, ability: MachineChange["ability"]): MachineTarget {
    const { backend } = node;
    const { host, abilities } = this.#surroundings.providedOf(node);
    if (abilities[ability]) return { node, host, abilities };
    const has = abilityNames(abilities);
    throw new MissingAbilityError({ ability, backend, has });
  }
}

/** Throws when a node has to be asked, and cannot answer. */
function checkPresence(
  node: Node,
  { action, options: { proof } }: Pick<MachineRequest, "action" | "options">,
  { ability }: MachineChange,
): void {
  node.signal.throwIfAborted();
  const away = isAway(node);
  if (away === undefined || (proof === false && ability !== "fullDisk")) return;
  const verb = away === "down" ? "start" : "resume";
  const remedy = ability === "fullDisk" ? "" : ", or say { proof: false }";
  throw new Error(
    `Cannot ${action}: node "${node.name}" is ${away}. Call node.${verb}() before${remedy}`,
  );
}
