import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { draw } from "./draw.ts";
import { DuePackets } from "./due_packets.ts";

Deno.test("DuePackets gives packets by their times, and those of one time as they came", () => {
  const packets = new DuePackets();
  strictEqual(packets.next, Infinity);
  strictEqual(packets.take(), undefined);
  const added = Array.from({ length: 500 }, (_, id) => ({ id, due: Math.floor(draw(id) * 50) }));
  for (const packet of added) packets.add(packet);
  const sorted = added.toSorted((a, b) => a.due - b.due || a.id - b.id);
  strictEqual(packets.next, sorted[0]!.due);
  deepStrictEqual(Array.from(added, () => packets.take()?.id), sorted.map(({ id }) => id));
  strictEqual(packets.take(), undefined);
});
