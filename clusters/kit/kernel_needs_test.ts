import { deepStrictEqual, strictEqual } from "node:assert/strict";
import type { Host, MissingPart } from "../../agent/host/host.ts";
import { isPacketDeed, kernelQuestion, obstacleTo } from "./kernel_needs.ts";

function missing(part: MissingPart["part"]): MissingPart {
  return { part, reason: "it is not there", remedy: "Load it" };
}

Deno.test("obstacleTo() asks of a kernel only what a deed takes", () => {
  const refused = (part: MissingPart["part"]) =>
    (["partition", "outside", "shape", "duplicate"] as const).filter((deed) =>
      obstacleTo(deed, [missing(part)])
    );
  deepStrictEqual(refused("privilege"), ["partition", "outside", "shape", "duplicate"]);
  deepStrictEqual(refused("tables"), ["partition", "outside", "shape", "duplicate"]);
  deepStrictEqual(refused("owners"), ["partition", "outside", "shape", "duplicate"]);
  deepStrictEqual(refused("queueTarget"), ["outside", "shape", "duplicate"]);
  deepStrictEqual(refused("queues"), ["shape", "duplicate"]);
  deepStrictEqual(refused("copies"), ["duplicate"]);
  strictEqual(obstacleTo("shape", []), undefined);
});

Deno.test("isPacketDeed() tells abilities that depend on a kernel from others", () => {
  deepStrictEqual(["partition", "kill", "toString"].filter(isPacketDeed), ["partition"]);
});

Deno.test("kernelQuestion() asks once, for all who want to know, and again after a failure", async () => {
  let asked = 0;
  const packets = {
    missingParts: () =>
      asked++ === 0 ? Promise.reject(new Error("lost")) : Promise.resolve([missing("queues")]),
  };
  const ask = kernelQuestion(() => Promise.resolve({ packets } as unknown as Host));
  const options = { signal: new AbortController().signal };
  strictEqual(await ask("partition", options).catch(({ message }) => message), "lost");
  const answers = await Promise.all([ask("partition", options), ask("shape", options)]);
  deepStrictEqual(answers, [undefined, missing("queues")]);
  strictEqual(asked, 2);
});
