import { strictEqual } from "node:assert/strict";
import { requirement } from "../../clusters/requirement.ts";
import type { PacketRule } from "../host/host.ts";
import { checkNamespaces } from "../host/packets/testing/namespace.ts";
import { startCalling } from "../testing/calling_agent.ts";
import { Fleet } from "./fleet.ts";

const ignore = !await requirement("network namespaces", checkNamespaces);

/** So many that it takes a while to tell the kernel. */
const RULES = Array.from({ length: 800 }, (_, i): PacketRule => ({
  direction: "in",
  peer: `10.1.${i >> 8}.${i & 0xff}`,
}));

/** The tables of the network in which a process is. */
async function tablesOf(pid: number): Promise<string> {
  const args = ["-t", `${pid}`, "-n", "nft", "list", "tables"];
  const { stdout, success } = await new Deno.Command("nsenter", { args }).output();
  strictEqual(success, true);
  return new TextDecoder().decode(stdout);
}

Deno.test({
  name: "a drop that is aborted has ended when it rejects, whenever that is",
  ignore,
  fn: async () => {
    await using fleet = Fleet.create({ heartbeat: { interval: 1_000, timeout: 60_000 } });
    await using calling = await startCalling(fleet, {
      wrapper: ["unshare", "--net"],
      isDirect: true,
    });
    const { connection: { host: { packets } }, agent: { pid } } = calling;
    for (const delay of [0, 10, 40, 80]) {
      const signal = AbortSignal.timeout(delay);
      const end = await packets.drop(RULES, { signal }).then(
        async (drop) => await drop[Symbol.asyncDispose](),
        (error) => error,
      );
      if (end !== undefined) strictEqual(end, signal.reason);
      strictEqual(await tablesOf(pid), "");
    }
  },
});
