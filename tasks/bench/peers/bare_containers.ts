import { removeContainer } from "../../../clusters/docker/container.ts";
import type { Engine } from "../../../clusters/docker/engine/engine.ts";
import { inParallel, milliseconds } from "../timing.ts";

/** Creations at a time that are tried to find what suits the engine best. */
const CANDIDATES = [2, 4, 8];

/** What bare containers are. */
export interface BareOptions {
  readonly image: string;
  /**
   * Whether they are in a network of their own, where they find each other by name, rather than in the
   * engine's default one. @default false
   */
  readonly ownNetwork?: boolean | undefined;
}

/** Containers that only sleep: what the engine itself needs, whatever its client. */
export class BareContainers {
  readonly #engine: Engine;
  readonly #image: string;
  /** Name of their own network; it exists while there are containers. */
  readonly #network: string | undefined;
  #ids: string[] = [];
  #best: number | undefined;

  /** Starts nothing yet. */
  constructor(engine: Engine, { image, ownNetwork = false }: BareOptions) {
    this.#engine = engine;
    this.#image = image;
    this.#network = ownNetwork ? `clustertest-bench-${crypto.randomUUID()}` : undefined;
  }

  /**
   * Milliseconds until so many are started, at as many at a time as were the fastest. With `hosts`, ids of
   * as many containers, each has the network of one of these.
   */
  async launch(count: number, hosts: readonly string[] = []): Promise<number> {
    const atOnce = this.#best ??= await this.#calibrate(count, hosts);
    return await this.#start({ count, atOnce }, hosts);
  }

  /** Milliseconds until all of them are gone. */
  async remove(): Promise<number> {
    const ids = this.#ids;
    this.#ids = [];
    return await milliseconds(async () => {
      await Promise.all(
        ids.map((id) => this.#engine.inTurn(() => removeContainer(this.#engine, id, id))),
      );
      await this.#changeNetwork("DELETE");
    });
  }

  async #calibrate(count: number, hosts: readonly string[]): Promise<number> {
    const times: [number, number][] = [];
    for (const atOnce of CANDIDATES.filter((each) => each <= Math.max(2, count))) {
      times.push([await this.#start({ count, atOnce }, hosts), atOnce]);
      await this.remove();
    }
    const [[, best]] = times.sort(([one], [other]) => one - other) as [[number, number]];
    return best;
  }

  #start(
    parallel: { count: number; atOnce: number },
    hosts: readonly string[],
  ): Promise<number> {
    return milliseconds(async () => {
      await this.#changeNetwork("POST");
      await inParallel(parallel, (index) => this.#startOne(hosts[index]));
    });
  }

  async #changeNetwork(method: "POST" | "DELETE"): Promise<void> {
    if (this.#network === undefined) return;
    const path = method === "POST" ? "/networks/create" : `/networks/${this.#network}`;
    const body = method === "POST"
      ? { Name: this.#network, Labels: { clustertest: "bare" } }
      : undefined;
    await this.#engine.call({ what: "change a network", method, path, body });
  }

  async #startOne(host: string | undefined): Promise<void> {
    const body = {
      Image: this.#image,
      Entrypoint: ["/bin/sleep", "1000"],
      Labels: { clustertest: "bare" },
      HostConfig: { AutoRemove: true, NetworkMode: host ? `container:${host}` : this.#network },
    };
    const create = { what: "create", method: "POST", path: "/containers/create", body } as const;
    const { Id } = await this.#engine.call<{ Id: string }>(create);
    this.#ids.push(Id);
    const path = `/containers/${Id}/start`;
    await this.#engine.call({ what: "start", method: "POST", path });
  }
}
