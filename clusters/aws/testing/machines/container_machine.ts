import type { MachinePlace } from "./machine_place.ts";
import { Container } from "../../../docker/container.ts";
import { EngineError } from "../../../docker/engine/engine_error.ts";
import { machineRequest } from "./machine_request.ts";
import type { Machine, MachineEnd, MachinePlan } from "./machine.ts";
import { rootArchive } from "./root_archive.ts";

/** What the program of a machine ends with when it wants to be started again. */
const REBOOT = 10;

/** What its program takes for a request to reboot. */
const REBOOT_SIGNAL = "SIGUSR1";

/** Milliseconds for which the end of a machine is waited for. */
const A_DAY = 24 * 60 * 60 * 1000;

/** Seconds that everything on a machine has to end. */
const GRACE = 10;

/** Lines of the console that are kept. */
const CONSOLE_LINES = 1000;

/** A container that runs its user data. */
export class ContainerMachine implements Machine {
  readonly ended: Promise<MachineEnd>;
  #container: Container;
  #plan: MachinePlan;
  #place: MachinePlace;
  #removed: Promise<void> | undefined;
  #console = "";

  private constructor(container: Container, plan: MachinePlan, place: MachinePlace) {
    this.#container = container;
    this.#plan = plan;
    this.#place = place;
    const { promise, resolve } = Promise.withResolvers<MachineEnd>();
    this.ended = promise;
    // When the engine cannot be asked any more, its end is no news.
    this.#watch().then((end) => end && resolve(end), () => {});
  }

  /** Makes the container and starts it. */
  static async boot(plan: MachinePlan, place: MachinePlace): Promise<ContainerMachine> {
    const { engine, files } = place;
    const signal = AbortSignal.timeout(A_DAY);
    const name = `clustertest-${plan.instanceId}`;
    return await engine.inTurn(async () => {
      const request = machineRequest(plan, place);
      const container = await Container.create(engine, name, request);
      await container.unpack(rootArchive(files, plan), "/", signal);
      await container.start(signal);
      return new ContainerMachine(container, plan, place);
    });
  }

  async console(): Promise<string> {
    if (this.#removed !== undefined) return this.#console;
    const stream = await this.#place.engine.stream({
      what: `read the console of "${this.#plan.instanceId}"`,
      method: "GET",
      path: `/containers/${this.#container.id}/logs`,
      query: { stdout: true, stderr: true, tail: CONSOLE_LINES },
    });
    return await new Response(ReadableStream.from(stream)).text();
  }

  async shutDown(): Promise<void> {
    await this.#do("stop", { t: GRACE });
    await this.kill();
  }

  async kill(): Promise<void> {
    const console = await this.console();
    this.#console = console;
    await (this.#removed ??= this.#remove());
  }

  /** Its program ends then, and is started again by what watches it: nothing else starts it. */
  async reboot(): Promise<void> {
    try {
      await this.#do("kill", { signal: REBOOT_SIGNAL });
    } catch (error) {
      // One that is not running is being started again, or switched off.
      if (!(error instanceof EngineError) || error.status !== 409) throw error;
    }
  }

  async freeze(): Promise<void> {
    await this.#container.pause();
  }

  async #remove(): Promise<void> {
    await this.#container.remove();
    this.#place.network.giveBack(this.#plan.addresses.private);
  }

  /** Waits until it ends by itself, across all the times that it is started again. */
  async #watch(): Promise<MachineEnd | undefined> {
    while (true) {
      const code = await this.#wait();
      if (this.#removed !== undefined) return undefined;
      if (code !== REBOOT) return code === 0 ? "off" : "crash";
      // By hand: an engine that does it itself waits longer each time.
      await this.#container.start(AbortSignal.timeout(A_DAY));
    }
  }

  async #wait(): Promise<number> {
    const { StatusCode } = await this.#do<{ StatusCode: number }>("wait", {});
    return StatusCode;
  }

  #do<T>(verb: string, query: Readonly<Record<string, string | number>>): Promise<T> {
    return this.#place.engine.call<T>({
      what: `${verb} the instance "${this.#plan.instanceId}"`,
      method: "POST",
      path: `/containers/${this.#container.id}/${verb}`,
      query,
      deadline: verb === "wait" ? A_DAY : undefined,
    });
  }
}
