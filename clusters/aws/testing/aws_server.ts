import { ACCESS_KEY_ID, REGION, SECRET_ACCESS_KEY } from "./account.ts";
import { AwsServices, type Region } from "./aws_services.ts";
import { type Instance, stateReason } from "./ec2/instance.ts";
import { Faults } from "./faults.ts";
import { Front } from "./http/front.ts";
import { Journal } from "./journal.ts";
import { ContainerMachines } from "./machines/container_machines.ts";
import type { Machines } from "./machines/machine.ts";
import { SimulatedMachines } from "./machines/simulated_machines.ts";
import type { Buckets } from "./s3/bucket.ts";

/** How a local AWS is made. */
export interface AwsServerOptions {
  /**
   * What instances are: containers that run their real user data, or no more than an agent each, in
   * this process.
   *
   * @default "containers"
   */
  readonly machines?: "containers" | "simulated" | undefined;
  /**
   * Milliseconds that a minute lasts for the `shutdown` command of instances.
   *
   * @default 60000
   */
  readonly minute?: number | undefined;
}

/**
 * EC2, S3, CloudFormation, SSM and STS on this machine, for the official SDK. What they do not do as
 * AWS does they refuse. Disposing it ends all instances.
 */
export class AwsServer implements AsyncDisposable {
  /** What goes wrong. */
  readonly faults: Faults;
  /** What was called. */
  readonly journal: Journal = new Journal();
  /** Where it listens: the same address for this machine and for instances. */
  readonly endpoint: string;
  #machines: Machines;
  #services: AwsServices;
  #server: Deno.HttpServer<Deno.NetAddr>;

  /** Begins to serve. Containers need an engine that has the image `clustertest-test/ami`. */
  static async start(options: AwsServerOptions = {}): Promise<AwsServer> {
    const { machines: kind = "containers", minute = 60_000 } = options;
    await using stack = new AsyncDisposableStack();
    const machines = stack.use(
      kind === "containers" ? await ContainerMachines.open({ minute }) : new SimulatedMachines(),
    );
    const server = new AwsServer(machines);
    stack.move();
    return server;
  }

  private constructor(machines: Machines) {
    this.#machines = machines;
    this.faults = new Faults();
    this.#services = new AwsServices(machines, this.faults);
    const { faults, journal } = this;
    const front = new Front({ services: this.#services.byName, faults, journal });
    this.#server = Deno.serve(
      { hostname: machines.hostname, port: 0, onListen: () => {} },
      (request) => front.handle(request),
    );
    this.endpoint = `http://${machines.hostname}:${this.#server.addr.port}`;
  }

  /** The environment in which the SDK finds this server instead of AWS. */
  get env(): Record<string, string> {
    return {
      AWS_ENDPOINT_URL: this.endpoint,
      AWS_ACCESS_KEY_ID: ACCESS_KEY_ID,
      AWS_SECRET_ACCESS_KEY: SECRET_ACCESS_KEY,
      AWS_REGION: REGION,
      // Nothing of this machine's own configuration is used.
      AWS_CONFIG_FILE: "/dev/null",
      AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
      AWS_EC2_METADATA_DISABLED: "true",
    };
  }

  /** All buckets. */
  get buckets(): Buckets {
    return this.#services.buckets;
  }

  /** What there is in a region. */
  region(name: string = REGION): Region {
    const region = this.#services.regions.get(name);
    if (region === undefined) throw new TypeError(`Cannot find the region "${name}"`);
    return region;
  }

  /** All instances of all regions, also those that were terminated. */
  get instances(): Instance[] {
    return [...this.#services.regions.values()].flatMap(({ region }) => [
      ...region.instances.values(),
    ]);
  }

  /** Finds an instance. */
  instance(id: string): Instance {
    const instance = this.instances.find((each) => each.id === id);
    if (instance === undefined) throw new TypeError(`Cannot find the instance "${id}"`);
    return instance;
  }

  /** The market wants a spot instance back. */
  interruptSpot(id: string): void {
    const reason = stateReason("Server.SpotInstanceTermination", "Spot instance termination");
    this.#terminate(id, reason);
  }

  /** The hardware under an instance fails. */
  retire(id: string): void {
    const reason = stateReason("Server.ScheduledStop", "Stopped due to a scheduled retirement");
    this.#terminate(id, reason);
  }

  /** Nothing is known any more of an instance that has ended, as of each after about an hour. */
  forget(id: string): void {
    if (this.instance(id).isAlive) throw new TypeError(`Cannot forget "${id}", which is alive`);
    for (const { region } of this.#services.regions.values()) region.instances.delete(id);
  }

  /** Everything on an instance stops at once, and yet EC2 says that it runs. */
  async freeze(id: string): Promise<void> {
    const machine = await this.instance(id).machine;
    await machine?.freeze();
  }

  /** Ends all instances, then the services. Idempotent. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
    await this.#machines[Symbol.asyncDispose]();
  }

  #terminate(id: string, reason: ReturnType<typeof stateReason>): void {
    const instance = this.instance(id);
    const region = [...this.#services.regions.values()]
      .find((each) => each.region.instances.has(id));
    region!.power.terminate(instance, { reason, isAbrupt: true });
  }
}
