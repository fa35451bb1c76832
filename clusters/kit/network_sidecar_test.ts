import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import type { Host } from "../../agent/host/host.ts";
import type { LossReason } from "./backend.ts";
import type { Sidecar } from "./provided_node.ts";
import { NetworkSidecar } from "./network_sidecar.ts";

/** Sidecars that are launched, of which is known what they were asked. */
class Launches {
  readonly asked: string[] = [];
  readonly #losses: ((reason: LossReason) => void)[] = [];
  /** Whether they can make rules. */
  canCount = true;

  readonly launch = (): Promise<Sidecar> => {
    this.asked.push("launch");
    const { promise: lost, resolve } = Promise.withResolvers<LossReason>();
    this.#losses.push(resolve);
    const end = (what: string) => () => {
      this.asked.push(what);
      return Promise.resolve();
    };
    const count = (rules: readonly unknown[]) => {
      this.asked.push(`count ${rules.length}`);
      if (!this.canCount) return Promise.reject(new Error("no tables here"));
      return Promise.resolve({ [Symbol.asyncDispose]: end("counted") });
    };
    const host = { packets: { count } } as unknown as Host;
    return Promise.resolve({ host, lost, [Symbol.asyncDispose]: end("remove") });
  };

  lose(): void {
    this.#losses.at(-1)!({ summary: "it was killed" });
  }
}

Deno.test("NetworkSidecar launches one for all who ask, which has made rules before", async () => {
  const launches = new Launches();
  const partition = new NetworkSidecar(launches.launch);
  const [one, other] = await Promise.all([partition.host({}), partition.host({})]);
  strictEqual(one, other);
  deepStrictEqual(launches.asked, ["launch", "count 0", "counted"]);
});

Deno.test("NetworkSidecar gives a sidecar that cannot make rules: faults say why", async () => {
  const launches = new Launches();
  launches.canCount = false;
  await new NetworkSidecar(launches.launch).host({});
  deepStrictEqual(launches.asked, ["launch", "count 0"]);
});

Deno.test("NetworkSidecar launches another one when the first was lost, or could not be launched", async () => {
  const launches = new Launches();
  let failures = 1;
  const partition = new NetworkSidecar((): Promise<Sidecar> => {
    return failures-- > 0 ? Promise.reject(new Error("no room")) : launches.launch();
  });
  await rejects(partition.host({}), /no room/);
  await partition.host({});
  launches.lose();
  await Promise.resolve();
  await partition.host({});
  deepStrictEqual(launches.asked.filter((each) => !each.startsWith("count")), [
    "launch",
    "remove",
    "launch",
  ]);
});
