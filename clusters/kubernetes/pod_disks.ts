import type { FileSystem } from "../../agent/host/host.ts";
import type { FullDisk } from "../kit/mod.ts";
import type { PodOptions } from "./kubernetes_options.ts";

/** Memory that the containers of a pod share, and nothing else. */
const SHARED_MEMORY = "/dev/shm";

/** What quantities are counted in. */
const UNITS: Readonly<Record<string, number>> = {
  "": 1,
  ...{ k: 1e3, M: 1e6, G: 1e9, T: 1e12 },
  ...{ Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40 },
};

/** What is known of the file systems of a pod. */
export interface PodDisksOptions {
  readonly volumes: PodOptions["volumes"];
  /** Whether what processes share in memory is the machine's. */
  readonly sharesMemory: boolean;
}

/** Knows which file systems a pod has alone: those in memory that have an end. */
export class PodDisks implements FullDisk {
  readonly remedy = "Give the node a file system of its own there, as by kubernetes({ volumes: " +
    '{ "/data": { emptyDir: { medium: "Memory", sizeLimit: "64Mi" } } } })';
  readonly #options: PodDisksOptions;

  constructor(options: PodDisksOptions) {
    this.#options = options;
  }

  sharedWhy({ mountPoint, type, size }: FileSystem): Promise<string | undefined> {
    return Promise.resolve(this.#sharedWhy({ mountPoint, isMemory: type === "tmpfs", size }));
  }

  #sharedWhy(
    { mountPoint, isMemory, size }: {
      readonly mountPoint: string;
      readonly isMemory: boolean;
      readonly size: number;
    },
  ): string | undefined {
    const { volumes = {}, sharesMemory } = this.#options;
    const [, volume] = Object.entries(volumes).find(([path]) => normal(path) === mountPoint) ?? [];
    if (isMemory && volume !== undefined) return unlimited(volume, size);
    if (isMemory && mountPoint === SHARED_MEMORY && !sharesMemory) return undefined;
    return "it is not the pod's alone: others on its machine may fill it as well";
  }
}

/** Before Kubernetes 1.22, the limit of a volume is none for what writes there: a pod beyond it is evicted. */
function unlimited(volume: Readonly<Record<string, unknown>>, size: number): string | undefined {
  const { sizeLimit } = volume.emptyDir as { readonly sizeLimit?: unknown } ?? {};
  const limit = bytesOf(sizeLimit);
  if (limit === undefined) {
    return "its volume has no sizeLimit, and takes the memory of the machine";
  }
  if (size <= limit) return undefined;
  return `it takes ${size} bytes, more than the sizeLimit of its volume: this Kubernetes does not ` +
    "make it smaller, and evicts a pod that has more there";
}

/** The bytes of a quantity, if it is one. */
function bytesOf(quantity: unknown): number | undefined {
  const [, digits, unit = ""] = /^(\d+(?:\.\d+)?)([kMGT]i?|Ki)?$/.exec(String(quantity)) ?? [];
  const factor = UNITS[unit];
  return digits === undefined || factor === undefined ? undefined : Number(digits) * factor;
}

function normal(path: string): string {
  return path.replace(/(?<=.)\/+$/, "");
}
