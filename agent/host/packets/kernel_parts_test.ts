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

/** What a kernel may lack, and how a message is recognized that asks for it. */
const ASKED: Readonly<Record<string, (message: NetlinkMessage) => boolean>> = {
  table: ({ type }) => type === 0xa00,
  // The flag of a table is the last of its message.
  owner: ({ type, body }) => type === 0xa00 && body.at(-1) === 2,
  target: (message) => hasExpression(message, "target"),
  queueExpression: (message) => hasExpression(message, "queue"),
  copy: (message) => hasExpression(message, "dup"),
  queue: ({ type }) => type === 0x302,
};

function hasExpression({ type, body }: NetlinkMessage, name: string): boolean {
  return type === 0xa06 && new TextDecoder("latin1").decode(body).includes(`${name}\0`);
}

/** A kernel that refuses what some messages ask for, each with an error of its own. */
function kernel(refusals: Readonly<Record<string, number>>) {
  return () => ({
    request(messages: readonly NetlinkMessage[]) {
      for (const [name, error] of Object.entries(refusals)) {
        if (messages.some(ASKED[name]!)) throw new NetlinkError(error);
      }
      return [];
    },
    [Symbol.dispose]() {},
  });
}

/** The error of a queue that there is not, and of one that cannot be. */
const [NO_QUEUE, NO_QUEUES] = [{ queue: 19 }, { queue: 22 }];

const cases: Readonly<Record<string, readonly [Readonly<Record<string, number>>, string[]]>> = {
  "nothing": [NO_QUEUE, []],
  "nf_tables": [{ table: 95, ...NO_QUEUE }, ["tables", "owners", "queueTarget", "copies"]],
  "all of it": [
    { table: 95, ...NO_QUEUES },
    ["tables", "owners", "queueTarget", "copies", "queues"],
  ],
  "tables with an owner": [{ owner: 22, ...NO_QUEUE }, ["owners"]],
  "the target of queues": [{ target: 2, ...NO_QUEUE }, []],
  "nftables' own expression of queues": [{ queueExpression: 2, ...NO_QUEUE }, []],
  "either way to queues": [{ target: 2, queueExpression: 2, ...NO_QUEUE }, ["queueTarget"]],
  "queues": [NO_QUEUES, ["queues"]],
  "copies": [{ copy: 2, ...NO_QUEUE }, ["copies"]],
  "the privilege": [{ table: 1, queue: 1 }, ["privilege"]],
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
