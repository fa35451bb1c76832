import { deepStrictEqual, rejects } from "node:assert/strict";
import { Aws } from "../aws/aws.ts";
import { terminateInstances } from "./terminator.ts";
import { TestAccount } from "./testing/account.ts";

const UNKNOWN_ID = "i-0123456789abcdef0";

Deno.test("terminateInstances() waits a little for what may be new, and for nothing that was seen", async () => {
  await using account = await TestAccount.open({ machines: "simulated" });
  using aws = await Aws.open();
  const triesOf = async (wereSeen: boolean): Promise<number> => {
    account.reset();
    await terminateInstances(aws, [UNKNOWN_ID], { wereSeen });
    return account.server.journal.count("ec2", "TerminateInstances");
  };
  deepStrictEqual([await triesOf(true), await triesOf(false)], [1, 6]);
});

Deno.test("terminateInstances() tries all, whatever becomes of the first thousand", async () => {
  await using account = await TestAccount.open({ machines: "simulated" });
  using aws = await Aws.open();
  const ids = Array.from({ length: 1001 }, (_, i) => `i-${i.toString(16).padStart(17, "0")}`);
  account.reset();
  account.server.faults.denied.add("ec2:TerminateInstances");
  await rejects(terminateInstances(aws, ids), /a permission is missing to terminate instances/);
  const calls = account.server.journal.find("ec2", "TerminateInstances");
  const sizes = calls.map(({ input }) => (input as { InstanceIds: string[] }).InstanceIds.length);
  deepStrictEqual(sizes, [1000, 1]);
});
