import { removeContainer } from "../../../clusters/docker/container.ts";
import type { Engine } from "../../../clusters/docker/engine/engine.ts";
import { inParallel, milliseconds } from "../timing.ts";

/** Creations at a time that are tried to find what suits the engine best. */
const CANDIDATES = [2, 4, 8];

/** Containers that only sleep: what the engine needs, whoever asks it. */
export class BareContainers {
  readonly #engine: Engine;
  readonly #image: string;
  #ids: string[] = [];
  #best: number | undefined;

  /** Starts nothing yet. */
  constructor(engine: Engine, image: string) {
    this.#engine = engine;
    this.#image = image;
  }

  /** Milliseconds until so many are started, at as many at a time as were the fastest. */
  async launch(count: number): Promise<number> {
    const atOnce = this.#best ??= await this.#calibrate(count);
    return await this.#start(count, atOnce);
  }

  /** Milliseconds until all of them are gone. */
  async remove(): Promise<number> {
    const ids = this.#ids;
    this.#ids = [];
    return await milliseconds(() =>
      Promise.all(
        ids.map((id) => this.#engine.inTurn(() => removeContainer(this.#engine, id, id))),
      )
    );
  }

  async #calibrate(count: number): Promise<number> {
    const times: [number, number][] = [];
    for (const atOnce of CANDIDATES.filter((each) => each <= Math.max(2, count))) {
      times.push([await this.#start(count, atOnce), atOnce]);
      await this.remove();
    }
    const [[, best]] = times.sort(([one], [other]) => one - other) as [[number, number]];
    return best;
  }

  #start(count: number, atOnce: number): Promise<number> {
    return milliseconds(() => inParallel({ count, atOnce }, () => this.#startOne()));
  }

  async #startOne(): Promise<void> {
    const body = {
      Image: this.#image,
      Entrypoint: ["/bin/sleep", "1000"],
      Labels: { clustertest: "bare" },
      HostConfig: { AutoRemove: true },
    };
    const create = { what: "create", method: "POST", path: "/containers/create", body } as const;
    const { Id } = await this.#engine.call<{ Id: string }>(create);
    this.#ids.push(Id);
    const path = `/containers/${Id}/start`;
    await this.#engine.call({ what: "start", method: "POST", path });
  }
}
