import type { ProcessSample } from "../host.ts";
import { type ListedProcess, listProcesses, processAt } from "./process_list.ts";
import { fieldOf, textAt } from "./read_values.ts";
import type { SystemConstants } from "./system_constants.ts";

/** What a process and all that it has started use. */
interface TreeUsage extends ProcessSample {
  readonly files: number;
  readonly read: number;
  readonly written: number;
}

/** A process that the host has started, and what it has started itself, as far as that was seen. */
interface Tree {
  /** When each of them was started, by its number. */
  readonly members: Map<number, number>;
  /** Counters do not go back when a process ends that nobody has waited for. */
  usage: TreeUsage;
}

/** What all of a host's processes use together. */
export interface TreesUsage {
  readonly processes: readonly ProcessSample[];
  readonly cpu: number;
  readonly memory: number;
  readonly files: number;
  readonly read: number;
  readonly written: number;
}

/** Files that are counted one by one, where the kernel does not tell how many there are. */
const MAX_COUNTED = 1_000;

/**
 * Follows the processes of a host: each counts with its group and its descendants, also those that left
 * its group or lost their parent after they were seen. What begins and ends between two looks counts with
 * the parent that has waited for it.
 */
export class ProcessTrees {
  readonly #constants: SystemConstants;
  readonly #trees = new Map<number, Tree>();
  /** What those have used of which nothing is left. */
  #ended = { cpu: 0, read: 0, written: 0 };

  constructor(constants: SystemConstants) {
    this.#constants = constants;
  }

  /** What they use now. `roots` are those that the host has started, and that have not ended. */
  look(roots: readonly number[], { isNow }: { readonly isNow: boolean }): TreesUsage {
    for (const pid of roots) this.#follow(pid);
    if (this.#trees.size > 0) this.#findMembers(listProcesses({ isNow }));
    for (const [pid, tree] of this.#trees) this.#update(pid, tree);
    const usages = [...this.#trees.values()].map(({ usage }) => usage);
    const total = { ...this.#ended, memory: 0, files: 0 };
    for (const usage of usages) {
      for (const key of ["cpu", "memory", "files", "read", "written"] as const) {
        total[key] += usage[key];
      }
    }
    return { ...total, processes: usages.map(({ pid, cpu, memory }) => ({ pid, cpu, memory })) };
  }

  #follow(pid: number): void {
    const seen = processAt(pid);
    if (!seen) return;
    const known = this.#trees.get(pid);
    if (known?.members.get(pid) === seen.start) return;
    // Its number was that of another one before.
    if (known) this.#forget(pid, known);
    const usage = { pid, cpu: 0, memory: 0, files: 0, read: 0, written: 0 };
    this.#trees.set(pid, { members: new Map([[pid, seen.start]]), usage });
  }

  #findMembers(list: readonly ListedProcess[]): void {
    const children = Map.groupBy(list, ({ parent }) => parent);
    const groups = Map.groupBy(list, ({ group }) => group);
    for (const [root, { members }] of this.#trees) {
      for (const { pid, start } of groups.get(root) ?? []) members.set(pid, start);
      // What is added to a map while it is iterated is visited as well.
      for (const pid of members.keys()) {
        for (const child of children.get(pid) ?? []) members.set(child.pid, child.start);
      }
    }
  }

  #update(root: number, tree: Tree): void {
    const { members, usage: before } = tree;
    const usage = { pid: root, cpu: 0, memory: 0, files: 0, read: 0, written: 0 };
    for (const [pid, start] of members) {
      const seen = processAt(pid);
      if (seen?.start !== start) {
        members.delete(pid);
        continue;
      }
      const io = textAt(`/proc/${pid}/io`);
      usage.cpu += seen.ticks * this.#constants.tick;
      usage.memory += seen.pages * this.#constants.pageSize;
      usage.files += openFilesOf(pid);
      usage.read += fieldOf(io, "read_bytes") ?? 0;
      usage.written += fieldOf(io, "write_bytes") ?? 0;
    }
    for (const key of ["cpu", "read", "written"] as const) {
      usage[key] = Math.max(usage[key], before[key]);
    }
    tree.usage = usage;
    if (members.size === 0) this.#forget(root, tree);
  }

  #forget(root: number, { usage: { cpu, read, written } }: Tree): void {
    this.#trees.delete(root);
    const ended = this.#ended;
    this.#ended = {
      cpu: ended.cpu + cpu,
      read: ended.read + read,
      written: ended.written + written,
    };
  }
}

/** The kernel tells by the size of the folder since Linux 6.2; before, it is counted up to a bound. */
function openFilesOf(pid: number): number {
  const path = `/proc/${pid}/fd`;
  try {
    const { size } = Deno.statSync(path);
    if (size > 0) return size;
    let count = 0;
    for (const _ of Deno.readDirSync(path)) if (++count === MAX_COUNTED) break;
    return count;
  } catch {
    return 0; // It has ended, or belongs to another user.
  }
}
