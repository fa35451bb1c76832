import { hex } from "../account.ts";
import type { RunIdentity } from "../../../kit/mod.ts";
import { docker } from "../../../docker/backend.ts";
import type { Engine } from "../../../docker/engine/engine.ts";
import { findEngine } from "../../../docker/engine/find_engine.ts";
import { selectEngine } from "../../../docker/engine/select_engine.ts";
import { ownedLabels } from "../../../docker/labels.ts";
import { removeCluster } from "../../../docker/sweep.ts";
import { Guardian } from "../../../guardian/guardian.ts";
import { currentProcess } from "../../../ownership/process_identity.ts";
import { ContainerMachine } from "./container_machine.ts";
import type { Addresses, Machine, MachinePlan, Machines } from "./machine.ts";
import { MachineNetwork } from "./machine_network.ts";
import { readRootFiles, type RootFiles } from "./root_archive.ts";

/** The image of machines, as `.ci/docker images` makes it. */
export const MACHINE_IMAGE = "clustertest-test/ami";

/** What container machines have in common. */
interface Parts {
  readonly engine: Engine;
  readonly network: MachineNetwork;
  readonly files: RootFiles;
  readonly ownership: { readonly run: RunIdentity; readonly clusterId: string };
  /** What has to be undone at the end, the last first. */
  readonly stack: AsyncDisposableStack;
}

/**
 * Machines that are containers, which run their user data. They have addresses of their own on a
 * network of this host; what is open to the world is published at the loopback address that has
 * the same last three bytes. When this process is gone, they are removed.
 */
export class ContainerMachines implements Machines {
  #parts: Parts;
  #booting = new Set<Promise<unknown>>();

  private constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Makes their network. */
  static async open({ minute }: { minute: number }): Promise<ContainerMachines> {
    await using stack = new AsyncDisposableStack();
    const engine = stack.use(await findEngine(selectEngine()));
    const id = `aws${hex(10)}`;
    const ownership = { run: { id, owner: currentProcess() }, clusterId: id };
    stack.use(
      await Guardian.watch(ownership.run, { recipe: docker().recipe, onUnguarded: () => {} }),
    );
    const labels = ownedLabels("network", ownership);
    const network = stack.use(
      await MachineNetwork.create(engine, { name: `clustertest-${id}`, labels }),
    );
    stack.defer(() => removeCluster(engine, id));
    const files = await readRootFiles(minute);
    return new ContainerMachines({ engine, network, files, ownership, stack: stack.move() });
  }

  get hostname(): string {
    return this.#parts.network.hostAddress;
  }

  newAddresses({ hasPublic }: { hasPublic: boolean }): Addresses {
    const { network } = this.#parts;
    const own = `${network.prefix}.${network.take()}`;
    return { private: own, public: hasPublic ? own.replace("10.", "127.") : undefined };
  }

  async boot(plan: MachinePlan): Promise<Machine> {
    const { engine, network, files, ownership } = this.#parts;
    const labels = {
      ...ownedLabels("machine", ownership),
      "clustertest.instance": plan.instanceId,
    };
    const place = { engine, network, image: MACHINE_IMAGE, labels, files };
    const booting = ContainerMachine.boot(plan, place);
    this.#booting.add(booting);
    try {
      return await booting;
    } finally {
      this.#booting.delete(booting);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.allSettled(this.#booting);
    await this.#parts.stack.disposeAsync();
  }
}
