import type { Limit } from "../kit/mod.ts";
import type { Container, HostConfigLimits } from "./container.ts";

/** Microseconds for which a share of the processors' time is counted, unless it is made otherwise. */
const PERIOD = 100_000;

/**
 * As {@linkcode PERIOD}, for a share that is large enough: the kernel takes no quota below a millisecond.
 * A short one is also exceeded, and that seen, where a busy machine gives little of its time.
 */
const SHORT_PERIOD = 10_000;

/** Microseconds of the least quota. */
const LEAST_QUOTA = 1_000;

/** No limit, where there was one: an engine takes zero for no change. */
const NONE = -1;

/** Bytes that no machine has, which the kernel takes for no limit: an engine takes nothing below zero here. */
const ALL = 2 ** 63 - 4096;

/**
 * What no limit of memory is, and of memory and swap together. The second version of control groups
 * counts swap alone, which the engine makes the difference of both.
 */
const NO_LIMIT = {
  1: { Memory: ALL, MemorySwap: ALL },
  2: { Memory: ALL / 2, MemorySwap: ALL },
} as const;

/** How a container was made, and what it may be given. */
interface MadeContainer {
  readonly limits: HostConfigLimits;
  readonly cgroupVersion: "1" | "2";
}

/** What the container of a node gets of its machine: less than it was made with, and that again. */
export class ContainerLimits {
  /** Of processors' time. */
  readonly cpu: Limit = {
    set: (share, { signal }) => this.#change(({ limits }) => cpuLimits(share, limits), signal),
  };
  /** Of memory; it gets no swap meanwhile. */
  readonly memory: Limit = {
    set: (bytes, { signal }) => this.#change((made) => memoryLimits(bytes, made), signal),
  };
  readonly #container: Container;
  #made: MadeContainer | undefined;

  constructor(container: Container) {
    this.#container = container;
  }

  async #change(
    limits: (made: MadeContainer) => Partial<HostConfigLimits>,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    this.#made ??= await this.#look(signal);
    signal?.throwIfAborted();
    await this.#container.update(limits(this.#made));
  }

  async #look(signal: AbortSignal | undefined): Promise<MadeContainer> {
    const inspection = await this.#container.inspect(signal);
    if (!inspection) throw new Error("Cannot change the limits of a container that is gone");
    const cgroupVersion = await this.#container.cgroupVersion(signal);
    return { limits: inspection.HostConfig, cgroupVersion };
  }
}

/** An engine that was told a number of processors takes no quota any more. */
function cpuLimits(share: number | undefined, made: HostConfigLimits): Partial<HostConfigLimits> {
  if (made.NanoCpus > 0) {
    return { NanoCpus: share === undefined ? made.NanoCpus : Math.round(share * 1e9) };
  }
  if (share === undefined) {
    return { CpuPeriod: made.CpuPeriod || PERIOD, CpuQuota: made.CpuQuota || NONE };
  }
  const period = share * SHORT_PERIOD >= LEAST_QUOTA ? SHORT_PERIOD : PERIOD;
  return { CpuPeriod: period, CpuQuota: Math.round(share * period) };
}

function memoryLimits(
  bytes: number | undefined,
  { limits: { Memory, MemorySwap }, cgroupVersion }: MadeContainer,
): Partial<HostConfigLimits> {
  if (bytes !== undefined) return { Memory: bytes, MemorySwap: bytes };
  const none = NO_LIMIT[cgroupVersion];
  return {
    Memory: Memory || none.Memory,
    MemorySwap: MemorySwap > 0 ? MemorySwap : none.MemorySwap,
  };
}
