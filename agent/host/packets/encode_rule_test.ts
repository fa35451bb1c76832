import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import type { PacketRule } from "../host.ts";
import { encodeCopying, encodeRule, type PacketFate, type QueueForm } from "./encode_rule.ts";
import { decodeAttributes, decodeList, type NetlinkMessage } from "./netlink_message.ts";
import { NetlinkError } from "./netlink_socket.ts";
import { PacketFilter } from "./packet_filter.ts";

const inward: PacketRule = { direction: "in", peer: "10.0.0.1" };
const outward: PacketRule = { direction: "out", notPeers: [] };

/** The last expression of a rule: its name, and its attributes in hexadecimal. */
function lastOf(rule: Uint8Array): [string, Record<number, string>] {
  // Without the heads of the attribute of the rule's expressions.
  const expression = decodeAttributes(decodeList(rule.subarray(4)).at(-1)!);
  const attributes = decodeAttributes(expression.get(2)!);
  return [
    new TextDecoder().decode(expression.get(1)).replace("\0", ""),
    Object.fromEntries([...attributes].map(([type, content]) => [type, content.toHex()])),
  ];
}

function verdict(rule: PacketRule, fate: PacketFate, queueForm: QueueForm) {
  return lastOf(encodeRule(rule, { fate, queueForm })[0]!);
}

Deno.test("encodeRule() leads to a queue by the target, or by nftables' own expression", () => {
  // A number of 16 bits, how many queues there are, and that packets pass where nobody reads it.
  deepStrictEqual(verdict(inward, { queue: 0x1234 }, "expression"), [
    "queue",
    { 1: "1234", 2: "0001", 3: "0001" },
  ]);
  deepStrictEqual(verdict(inward, { queue: 0x1234 }, "target"), [
    "target",
    { 1: "4e46515545554500", 2: "00000003", 3: "3412010001000000" },
  ]);
});

Deno.test("encodeRule() drops what leaves by a queue that nobody reads, in either way", () => {
  deepStrictEqual(verdict(outward, "drop", "expression"), [
    "queue",
    { 1: "fff0", 2: "0001", 3: "0000" },
  ]);
  strictEqual(verdict(outward, "drop", "target")[0], "target");
  strictEqual(verdict(inward, "drop", "expression")[0], "immediate");
});

Deno.test("encodeCopying() copies by the address of the receiver, of either family", () => {
  for (const [family, offset, size] of [["ipv4", 16, 4], ["ipv6", 24, 16]] as const) {
    const rules = encodeCopying(family, "in");
    const names = decodeList(rules[1]!.subarray(4)).map((each) =>
      new TextDecoder().decode(decodeAttributes(each).get(1)).replace("\0", "")
    );
    const expected = ["meta", "cmp", "immediate", "meta", "payload", "dup", "immediate", "meta"];
    deepStrictEqual(names, expected);
    const payload = decodeAttributes(
      decodeAttributes(decodeList(rules[1]!.subarray(4))[4]!).get(2)!,
    );
    deepStrictEqual([payload.get(3)!.at(-1), payload.get(4)!.at(-1)], [offset, size]);
  }
});

/** A kernel that refuses rules which have one of these expressions. */
function kernelWithout(...expressions: readonly string[]) {
  const taken: string[] = [];
  const connect = () => ({
    isClosed: false,
    request(messages: readonly NetlinkMessage[]) {
      for (const { body } of messages) {
        const text = new TextDecoder("latin1").decode(body);
        const named = ["target", "queue", "immediate"].filter((each) => text.includes(`${each}\0`));
        if (named.some((each) => expressions.includes(each))) throw new NetlinkError(2);
        taken.push(...named);
      }
      return [];
    },
    [Symbol.dispose]() {},
  });
  return { connect, taken };
}

Deno.test("PacketFilter.open() takes nftables' own expression where the target is missing", () => {
  for (const [rule, fate] of [[inward, { queue: 7 }], [outward, "drop"]] as const) {
    const { connect, taken } = kernelWithout("target");
    using _filter = PacketFilter.open([rule], { fate, connect });
    ok(taken.includes("queue") && !taken.includes("target"), `${taken}`);
    const both = kernelWithout("target", "queue");
    throws(
      () => PacketFilter.open([rule], { fate, connect: both.connect }),
      { name: "NotSupported", message: /the kernel has no NFQUEUE/ },
    );
  }
  const { connect } = kernelWithout("immediate");
  throws(() => PacketFilter.open([inward], { fate: "drop", connect }), { name: "NotSupported" });
});
