import type { Addresses, Machine, MachinePlan, Machines } from "./machine.ts";
import { LoopbackAddresses } from "../../../this_host/loopback_addresses.ts";
import { SimulatedMachine } from "./simulated_machine.ts";

/** Machines of which there is no more than the agent. They take little, so there can be many. */
export class SimulatedMachines implements Machines {
  readonly hostname = "127.0.0.1";
  #addresses = new LoopbackAddresses();
  #machines = new Set<SimulatedMachine>();

  /** Both addresses are one. */
  newAddresses({ hasPublic }: { hasPublic: boolean }): Addresses {
    const address = this.#addresses.next();
    return { private: address, public: hasPublic ? address : undefined };
  }

  async boot(plan: MachinePlan): Promise<Machine> {
    const machine = await SimulatedMachine.boot(plan);
    this.#machines.add(machine);
    return machine;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#machines].map((machine) => machine.kill()));
  }
}
