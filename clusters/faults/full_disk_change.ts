import type { FileSystem, FilledDisk, Host, HostMachine } from "../../agent/host/host.ts";
import type { MachineCheck } from "../events/mod.ts";
import type { Node } from "../node/mod.ts";
import type {
  AppliedChange,
  BeginOptions,
  MachineChange,
  MachineTarget,
} from "./machine_change.ts";

/** What keeps the disks of nodes full, of all faults: the room that one gives back is not to be free. */
export type FilledDisks = WeakMap<Node, Set<DiskFault>>;

/** Bytes by which a disk may differ from what was to be left: blocks of its own bookkeeping. */
const ROUNDING = 1024 * 1024;

/** File systems that take their room from memory. */
const IN_MEMORY: readonly string[] = ["tmpfs", "ramfs"];

/** The share of the memory that is left which a disk may take. */
const MOST_OF_MEMORY = 0.9;

/** Disks of nodes are full. */
export class FullDiskChange implements MachineChange {
  readonly ability = "fullDisk";
  readonly #path: string;
  readonly #leave: number;
  readonly #filled: FilledDisks;

  constructor(path: string, leave: number, filled: FilledDisks) {
    this.#path = path;
    this.#leave = leave;
    this.#filled = filled;
  }

  async begin(target: MachineTarget, { signal }: BeginOptions): Promise<AppliedChange> {
    const { node, host } = target;
    const [path, leave] = [this.#path, this.#leave];
    const { mountPoint } = await this.#checked(target, signal);
    const disk = await host.machine.fillDisk(path, { leave, signal });
    const beside = this.#filled.get(node) ?? new Set();
    this.#filled.set(node, beside);
    return new DiskFault({ node, host, path, mountPoint, leave, disk, beside });
  }

  /** Throws unless the node has the file system alone, and can bear that it is full. */
  async #checked(
    { node, abilities, host: { machine } }: MachineTarget,
    signal: AbortSignal,
  ): Promise<FileSystem> {
    const cannot = `Cannot fill the disk of node "${node.name}" at ${Deno.inspect(this.#path)}`;
    const fileSystem = await machine.fileSystem(this.#path, { signal }).catch((cause) => {
      if (cause instanceof Deno.errors.NotFound) {
        throw new Deno.errors.NotFound(`${cannot}: there is no such folder`, { cause });
      }
      if (!(cause instanceof Deno.errors.NotADirectory)) throw cause;
      throw new Deno.errors.NotADirectory(`${cannot}: it is no folder`, { cause });
    });
    const disks = abilities.fullDisk!;
    const { remedy = "Give the node a file system of its own there" } = disks;
    const shared = await disks.sharedWhy(fileSystem, { signal });
    if (shared !== undefined) throw new Error(`${cannot}: ${shared}. ${remedy}`);
    const missing = fileSystem.free - this.#leave;
    if (missing <= 0) {
      throw new RangeError(
        `${cannot}: it has ${fileSystem.free} bytes left, no more than it is to`,
      );
    }
    if (IN_MEMORY.includes(fileSystem.type)) await checkMemory(cannot, missing, machine, signal);
    return fileSystem;
  }
}

/** Throws when that is more memory than there is: the kernel would end what runs there, or elsewhere. */
async function checkMemory(
  cannot: string,
  missing: number,
  machine: HostMachine,
  signal: AbortSignal,
): Promise<void> {
  const { memoryLimit, memoryUsed, memoryAvailable } = await machine.resources({ signal });
  const ofLimit = memoryLimit === null ? Infinity : memoryLimit - (memoryUsed ?? 0);
  const left = Math.min(memoryAvailable, ofLimit);
  if (missing <= left * MOST_OF_MEMORY) return;
  throw new RangeError(
    `${cannot}: the ${missing} bytes are memory, of which it has ${left} left. Say how large that ` +
      `file system is when it is made, as by docker({ tmpfs: { "/data": "size=64m" } })`,
  );
}

/** A disk of a node that is full. */
interface DiskFaultParts {
  readonly node: Node;
  /** That of the node, whatever is behind it by now. */
  readonly host: Host;
  readonly path: string;
  readonly mountPoint: string;
  readonly leave: number;
  readonly disk: FilledDisk;
  /** Those of the same node, also of other disks. */
  readonly beside: Set<DiskFault>;
}

class DiskFault implements AppliedChange {
  readonly lost: Promise<Error>;
  readonly #parts: DiskFaultParts;

  constructor(parts: DiskFaultParts) {
    this.#parts = parts;
    parts.beside.add(this);
    this.lost = parts.disk.lost.then((error) => {
      parts.beside.delete(this);
      return error;
    });
  }

  async prove(): Promise<MachineCheck[]> {
    const { node, leave, disk } = this.#parts;
    const { written, isFull } = await disk.probe();
    const measured = isFull ? written : null;
    return [{
      ...{ node: node.name, quantity: "written", measured },
      ...{ atLeast: 0, atMost: leave + ROUNDING },
    }];
  }

  async proveUndone(signal: AbortSignal): Promise<MachineCheck[]> {
    const { node, host, path, leave } = this.#parts;
    // Another fault keeps it full.
    if (this.#leastLeft() < Infinity) return [];
    const { free } = await host.machine.fileSystem(path, { signal });
    return [{
      node: node.name,
      quantity: "free",
      measured: free,
      atLeast: leave + 1,
      atMost: null,
    }];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { beside, disk } = this.#parts;
    beside.delete(this);
    await disk[Symbol.asyncDispose]();
    await Promise.all(this.#others().map((other) => other.#parts.disk.refill()));
  }

  #others(): DiskFault[] {
    const { beside, mountPoint } = this.#parts;
    return [...beside].filter((each) => each !== this && each.#parts.mountPoint === mountPoint);
  }

  /** Bytes that others leave of the same disk. */
  #leastLeft(): number {
    return Math.min(...this.#others().map((each) => each.#parts.leave));
  }
}
