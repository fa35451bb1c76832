import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import type { Host, MissingPart } from "../../agent/host/host.ts";
import type { AbilityName, ProvidedNode } from "../kit/mod.ts";
import { prepareFaults } from "./prepare_faults.ts";

/** A node of which is known what was asked of it. */
function observed(
  obstacle?: MissingPart,
): { readonly node: ProvidedNode; readonly asked: string[] } {
  const asked: string[] = [];
  const partition = {
    host: () => {
      asked.push("host");
      return Promise.resolve({} as Host);
    },
    kernelLacks: (deed: string) => {
      asked.push(deed);
      return Promise.resolve(obstacle);
    },
  };
  const node = { abilities: { partition, shape: partition } } as unknown as ProvidedNode;
  return { node, asked };
}

const prepare = (nodes: readonly ProvidedNode[], needs: readonly AbilityName[]) =>
  prepareFaults(nodes, { needs, backend: "docker", signal: new AbortController().signal });

Deno.test("prepareFaults() launches what faults take beside each node of a test that needs them", async () => {
  const [one, other] = [observed(), observed()];
  await prepare([one.node, other.node], ["kill", "partition", "shape"]);
  deepStrictEqual([one.asked, other.asked], Array(2).fill(["host", "partition", "shape"]));
});

Deno.test("prepareFaults() does nothing for a test that needs none, or on a node that can have none", async () => {
  const one = observed();
  await prepare([one.node], ["kill", "cpu"]);
  deepStrictEqual(one.asked, []);
  await prepare([{ abilities: {} } as unknown as ProvidedNode], ["partition"]);
});

Deno.test("prepareFaults() rejects with what the kernel of one of the nodes lacks", async () => {
  const lacking = observed({ part: "tables", reason: "there are none", remedy: "Load them" });
  const error = await prepare([observed().node, lacking.node], ["partition"]).catch((error) =>
    error
  );
  deepStrictEqual([error.name, error.ability], ["MissingAbilityError", "partition"]);
  strictEqual(/there are none.*Load them/.test(error.message), true);
});

Deno.test("prepareFaults() rejects when something cannot be launched, or the signal aborts", async () => {
  const failing = {
    abilities: { partition: { host: () => Promise.reject(new Error("no room")) } },
  } as unknown as ProvidedNode;
  await rejects(prepare([failing], ["partition"]), /no room/);
  const { node } = observed();
  const signal = AbortSignal.abort(new Error("enough"));
  await rejects(
    prepareFaults([node], { needs: ["partition"], backend: "docker", signal }),
    /enough/,
  );
});
