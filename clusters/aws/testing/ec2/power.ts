import type { StateReason } from "@aws-sdk/client-ec2";
import type { Faults } from "../faults.ts";
import type { Machine, MachinePlan, Machines } from "../machines/machine.ts";
import { AwsError } from "../protocol/aws_error.ts";
import { type Instance, stateReason } from "./instance.ts";
import type { LaunchRequest } from "./launch_request.ts";
import { openPorts } from "./open_ports.ts";
import type { Ec2Region } from "./region.ts";

/** Switches the instances of a region on and off, and notes what becomes of them. */
export class Power {
  #region: Ec2Region;
  #machines: Machines;
  #faults: Faults;

  constructor(region: Ec2Region, machines: Machines, faults: Faults) {
    this.#region = region;
    this.#machines = machines;
    this.#faults = faults;
  }

  /** Boots an instance, which goes on after this returns. */
  switchOn(instance: Instance, request: LaunchRequest): void {
    const failure = this.#failureOf(instance);
    if (failure !== undefined) {
      instance.fail(failure);
      this.#clear(instance);
      return;
    }
    const { silentBoots } = this.#faults;
    if (silentBoots > 0) this.#faults.silentBoots--;
    const userData = silentBoots > 0 ? undefined : request.userData;
    const plan = planOf(instance, { ...request, userData }, this.#region.name);
    const machine = this.#machines.boot(plan);
    instance.machine = machine;
    machine.then(
      (booted) => this.#watch(instance, booted),
      (error: Error) => this.#endWith(instance, stateReason("Server.InternalError", error.message)),
    );
  }

  /** Terminates an instance, which goes on after this returns. */
  terminate(
    instance: Instance,
    { reason, isAbrupt }: { reason: StateReason; isAbrupt: boolean },
  ): void {
    if (!instance.isAlive && instance.state !== "stopped") return;
    instance.become("shutting-down", reason);
    this.#closeSpotRequest(instance);
    void this.#end(instance, isAbrupt);
  }

  /** Boots an instance anew, with its files, which goes on after this returns. */
  reboot(instance: Instance): void {
    if (instance.state !== "running") {
      throw new AwsError(
        "IncorrectState",
        `The instance '${instance.id}' is not in a state from which it can be rebooted`,
      );
    }
    instance.machine?.then((machine) => machine.reboot()).catch((error: Error) => {
      const reason = stateReason("Server.InternalError", error.message);
      this.terminate(instance, { reason, isAbrupt: true });
    });
  }

  /** Why it will not boot, if it will not. */
  #failureOf({ spec: { zone } }: Instance): StateReason | undefined {
    const { failedBoots, refusedIn } = this.#faults;
    if (failedBoots > 0) {
      this.#faults.failedBoots--;
      return stateReason("Server.InternalError", "Internal error on launch");
    }
    const refused = refusedIn.get(zone) ?? 0;
    if (refused <= 0) return undefined;
    refusedIn.set(zone, refused - 1);
    const explanation = "Insufficient capacity to satisfy instance request";
    return stateReason("Server.InsufficientInstanceCapacity", explanation);
  }

  #watch(instance: Instance, machine: Machine): void {
    if (instance.isAlive) instance.become("running");
    machine.ended.then((end) => {
      // A machine that has crashed looks as if it ran.
      if (end === "crash" || !instance.isAlive) return;
      const reason = stateReason(
        "Client.InstanceInitiatedShutdown",
        "Instance initiated shutdown",
      );
      if (instance.spec.terminatesItself) {
        this.terminate(instance, { reason, isAbrupt: true });
      } else {
        instance.become("stopped", reason);
      }
    });
  }

  async #end(instance: Instance, isAbrupt: boolean): Promise<void> {
    try {
      const machine = await instance.machine;
      await (isAbrupt ? machine?.kill() : machine?.shutDown());
      instance.lastConsole = await machine?.console() ?? "";
    } catch (error) {
      instance.lastConsole = String(error);
    }
    this.#endWith(instance);
  }

  #endWith(instance: Instance, reason?: StateReason): void {
    instance.become("terminated", reason);
    this.#clear(instance);
  }

  #clear(instance: Instance): void {
    this.#region.volumes.delete(instance.spec.rootVolumeId);
    this.#closeSpotRequest(instance);
    instance.gone.resolve();
  }

  #closeSpotRequest(instance: Instance): void {
    const request = [...this.#region.spotRequests.values()]
      .find((each) => each.instance === instance);
    if (request?.state !== "active") return;
    request.state = "closed";
    const isOurs = instance.stateReason?.Code === "Server.SpotInstanceTermination";
    request.status = isOurs ? "instance-terminated-no-capacity" : "instance-terminated-by-user";
  }
}

function planOf(
  { id, spec }: Instance,
  { groups, userData }: LaunchRequest,
  region: string,
): MachinePlan {
  const { addresses, zone, type, imageId, launchIndex } = spec;
  const metadata = {
    "instance-id": id,
    "instance-type": type.name,
    "ami-id": imageId,
    "ami-launch-index": String(launchIndex),
    "local-ipv4": addresses.private,
    ...(addresses.public === undefined ? {} : { "public-ipv4": addresses.public }),
    "placement/availability-zone": zone,
    "placement/region": region,
  };
  return { instanceId: id, addresses, openPorts: openPorts(groups), userData, metadata };
}
