import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import type { Sidecar } from "./provided_node.ts";
import { Sidecars } from "./sidecars.ts";

/** A sidecar that counts how often it was disposed of, and fails as often as it is told. */
function makeSidecar(disposals: string[], failures = 0): Sidecar {
  return {
    host: undefined as unknown as Sidecar["host"],
    lost: new Promise(() => {}),
    [Symbol.asyncDispose]: () => {
      disposals.push("disposed");
      return failures-- > 0 ? Promise.reject(new Error("it stays")) : Promise.resolve();
    },
  };
}

const never = (): AbortSignal => new AbortController().signal;

Deno.test("Sidecars removes what is left of them with their node, and no more can be launched", async () => {
  const disposals: string[] = [];
  const sidecars = new Sidecars();
  const launch = () => Promise.resolve(makeSidecar(disposals));
  const first = await sidecars.launch(launch, never());
  await sidecars.launch(launch, never());
  await first[Symbol.asyncDispose]();
  await sidecars[Symbol.asyncDispose]();
  await sidecars[Symbol.asyncDispose]();
  strictEqual(disposals.length, 2);
  await rejects(sidecars.launch(launch, never()), /its node is to end/);
});

Deno.test("Sidecars tries again to remove what could not be removed", async () => {
  const disposals: string[] = [];
  const sidecars = new Sidecars();
  await sidecars.launch(() => Promise.resolve(makeSidecar(disposals, 1)), never());
  await rejects(sidecars[Symbol.asyncDispose](), /it stays/);
  await sidecars[Symbol.asyncDispose]();
  strictEqual(disposals.length, 2);
});

Deno.test("Sidecars aborts a launch when the node goes, and removes what has come of it all the same", async () => {
  const disposals: string[] = [];
  const sidecars = new Sidecars();
  const aborting = sidecars.launch((signal) => {
    return new Promise((_, reject) =>
      signal.addEventListener("abort", () => reject(signal.reason))
    );
  }, never());
  const coming = Promise.withResolvers<Sidecar>();
  const late = sidecars.launch(() => coming.promise, never());
  const disposal = sidecars[Symbol.asyncDispose]();
  await rejects(aborting, /its node is to end/);
  coming.resolve(makeSidecar(disposals));
  await late;
  await disposal;
  deepStrictEqual(disposals, ["disposed"]);
});
