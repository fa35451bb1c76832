import { deepStrictEqual, strictEqual, throws } from "node:assert/strict";
import { requirement } from "../../../clusters/requirement.ts";
import { missingParts } from "./kernel_parts.ts";
import type { NetlinkMessage } from "./netlink_message.ts";
import { NetlinkError } from "./netlink_socket.ts";
import { checkNamespaces, unshared } from "./testing/namespace.ts";

const ignore = !await requirement("network namespaces", checkNamespaces);

/** What is missing, by the agent's own program in a network of its own. */
async function asked(wrapper: readonly string[]): Promise<string[]> {
  const main = new URL("../../main.ts", import.meta.url).pathname;
  const agent = [Deno.execPath(), "run", "-A", "--no-check", "--quiet", main, "--kernel"];
  const { stdout, stderr, success } = await unshared([...wrapper, ...agent]).output();
  strictEqual(success, true, new TextDecoder().decode(stderr));
  const { missing } = JSON.parse(new TextDecoder().decode(stdout));
  return missing.map(({ part }: { part: string }) => part);
}

Deno.test({
  name: "missingParts() finds all of them on a kernel that has them, and leaves no table",
  ignore,
  fn: async () => {
    deepStrictEqual(await asked([]), []);
    const quiet = ["sh", "-c", '"$@" && [ -z "$(nft list tables)" ]', "sh"];
    deepStrictEqual(await asked(quiet), []);
  },
});

Deno.test({
  name: "missingParts() tells a process without the privilege from a kernel without the parts",
  ignore,
  fn: async () => {
    deepStrictEqual(await asked(["setpriv", "--bounding-set", "-net_admin"]), ["privilege"]);
  },
});

/** A kernel that refuses what some messages ask for, by the types of these. */
function kernel(refusals: Readonly<Record<number, number>>) {
  return () => ({
    request(messages: readonly NetlinkMessage[]) {
      const refused = messages.find(({ type, body }) => {
        // A flag of a table is the last of its message.
        const isOwned = type === 0xa00 && body.at(-1) === 2;
        return (isOwned ? 0xaff : type) in refusals;
      });
      if (!refused) return [];
      const isOwned = refused.type === 0xa00 && refused.body.at(-1) === 2;
      throw new NetlinkError(refusals[isOwned ? 0xaff : refused.type]!);
    },
    [Symbol.dispose]() {},
  });
}

const cases: Readonly<Record<string, readonly [Readonly<Record<number, number>>, string[]]>> = {
  "nothing": [{ 0x302: 19 }, []],
  "nf_tables": [{ 0xa00: 95, 0x302: 19 }, ["tables", "owners", "queueTarget"]],
  "all of it": [{ 0xa00: 95, 0x302: 22 }, ["tables", "owners", "queueTarget", "queues"]],
  "tables with an owner": [{ 0xaff: 22, 0x302: 19 }, ["owners"]],
  "the target of queues": [{ 0xa06: 2, 0x302: 19 }, ["queueTarget"]],
  "queues": [{ 0x302: 22 }, ["queues"]],
  "the privilege": [{ 0xa00: 1, 0x302: 1 }, ["privilege"]],
};

for (const [what, [refusals, missing]] of Object.entries(cases)) {
  Deno.test(`missingParts() tells when ${what} is missing, and what to do`, () => {
    const found = missingParts({ connect: kernel(refusals) });
    deepStrictEqual(found.map(({ part }) => part), missing);
    for (const { remedy } of found) strictEqual(remedy.endsWith("."), false);
  });
}

Deno.test("missingParts() tells a kernel that has no netlink of filters, and hides no other error", () => {
  const none = () => {
    throw new NetlinkError(93);
  };
  deepStrictEqual(missingParts({ connect: none })[0]!.remedy.includes("modprobe nf_tables"), true);
  const broken = () => {
    throw new Error("no library");
  };
  throws(() => missingParts({ connect: broken }), /no library/);
});
