import type { Engine } from "../../../docker/engine/engine.ts";
import { orMissing } from "../../../docker/engine/engine_error.ts";

/** Tries to find a range of addresses that no other network has. */
const TRIES = 20;

/** The network of machines: a bridge of this host, at which machines and this process meet. */
export class MachineNetwork implements AsyncDisposable {
  readonly name: string;
  /** The first three bytes of the addresses in it. */
  readonly prefix: string;
  #engine: Engine;
  #used = new Set<number>();
  #last = 1;

  private constructor(engine: Engine, name: string, prefix: string) {
    this.#engine = engine;
    this.name = name;
    this.prefix = prefix;
  }

  /** Makes the network. */
  static async create(
    engine: Engine,
    { name, labels }: { name: string; labels: Readonly<Record<string, string>> },
  ): Promise<MachineNetwork> {
    for (let tries = 1;; tries++) {
      const [second, third] = crypto.getRandomValues(new Uint8Array(2));
      const prefix = `10.${200 + second! % 50}.${third}`;
      try {
        await engine.call({
          what: `create the network "${name}"`,
          method: "POST",
          path: "/networks/create",
          body: {
            Name: name,
            Driver: "bridge",
            CheckDuplicate: true,
            IPAM: { Config: [{ Subnet: `${prefix}.0/24`, Gateway: `${prefix}.1` }] },
            Labels: labels,
          },
        });
        return new MachineNetwork(engine, name, prefix);
      } catch (error) {
        if (tries === TRIES) throw error;
      }
    }
  }

  /** This host's own address in it. */
  get hostAddress(): string {
    return `${this.prefix}.1`;
  }

  /** The last byte of an address that nothing in it has. */
  take(): number {
    for (let tries = 0; tries < 253; tries++) {
      this.#last = this.#last === 254 ? 2 : this.#last + 1;
      if (this.#used.has(this.#last)) continue;
      this.#used.add(this.#last);
      return this.#last;
    }
    throw new RangeError("Cannot launch more than 253 instances at a time as containers");
  }

  /** Its address may be given to others. */
  giveBack(address: string): void {
    this.#used.delete(Number(address.split(".")[3]));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await orMissing(this.#engine.call({
      what: `remove the network "${this.name}"`,
      method: "DELETE",
      path: `/networks/${this.name}`,
    }));
  }
}
