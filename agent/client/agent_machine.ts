import type {
  BusyWork,
  CallOptions,
  CpuUse,
  FileSystem,
  FilledDisk,
  FillOptions,
  HostMachine,
  MachineResources,
} from "../host/host.ts";
import { flag, integer, nullable, number, record, text } from "../wire/shape.ts";
import { settledWithin } from "../settled_within.ts";
import { unlessAborted } from "../unless_aborted.ts";
import { AgentCall } from "./agent_call.ts";
import type { ClientSession } from "./client_session.ts";

/** Milliseconds that an agent has to end what is given up. */
const PATIENCE = 5_000;

const resourcesShape = record({
  processors: integer(1),
  cpuLimit: nullable(number()),
  memory: number(),
  memoryAvailable: number(),
  memoryLimit: nullable(number()),
  memoryUsed: nullable(number()),
});

const useShape = record({
  elapsed: number(),
  used: nullable(number()),
  throttled: nullable(number()),
});

const fileSystemShape = record({
  mountPoint: text(),
  type: text(),
  source: text(),
  size: number(),
  free: number(),
});

const probeShape = record({ written: number(), isFull: flag() });

/** Processors, memory and disks of a host behind an agent. */
export class AgentMachine implements HostMachine {
  readonly #session: ClientSession;

  constructor(session: ClientSession) {
    this.#session = session;
  }

  /** What it may use, and uses now. */
  async resources(options: CallOptions = {}): Promise<MachineResources> {
    return resourcesShape(await this.#ask("resources", {}, options), "the resources");
  }

  /** Keeps its processors busy. */
  async keepBusy(work: BusyWork, options: CallOptions = {}): Promise<CpuUse> {
    return useShape(await this.#ask("keepBusy", work, options), "the use");
  }

  /** The file system of a folder there. */
  async fileSystem(path: string, options: CallOptions = {}): Promise<FileSystem> {
    return fileSystemShape(await this.#ask("fileSystem", { path }, options), "the file system");
  }

  /** Takes the room of a file system there. */
  async fillDisk(path: string, { leave, signal }: FillOptions): Promise<FilledDisk> {
    signal?.throwIfAborted();
    const call = new AgentCall(this.#session, { operation: "fillDisk", args: { path, leave } });
    try {
      await (signal ? unlessAborted(call.opened, signal) : call.opened);
    } catch (error) {
      // The agent may have begun it: whoever gives up is to find that there is room.
      await settledWithin(PATIENCE, call.close());
      throw error;
    }
    const { promise: lost, resolve } = Promise.withResolvers<Error>();
    let isClosed = false;
    // A session that ends in order, as when its node is killed, ends this in order.
    const ended = () => isClosed || resolve(new Error("the session of the agent has ended"));
    call.outcome.then(ended, resolve);
    return {
      lost,
      refill: async () => void await call.request({ refill: true }),
      probe: async () => probeShape(await call.request({ probe: true }), "the probe"),
      [Symbol.asyncDispose]: async () => {
        isClosed = true;
        await call.close();
      },
    };
  }

  async #ask(operation: string, args: unknown, { signal }: CallOptions): Promise<unknown> {
    const signalUntil = "outcome";
    return await new AgentCall(this.#session, { operation, args, signal, signalUntil }).outcome;
  }
}
