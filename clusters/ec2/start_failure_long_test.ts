import { match, strictEqual } from "node:assert/strict";
import type { Instance } from "../aws/instance.ts";
import { type FailedInstance, startFailure } from "./start_failure.ts";
import { Aws } from "../aws/aws.ts";
import { TestAccount } from "./testing/account.ts";

const instance: Instance = {
  id: "i-0123456789abcdef0",
  state: "running",
  reason: undefined,
  reasonCode: undefined,
  privateAddress: "10.0.0.1",
  publicAddress: "203.0.113.1",
  zone: "us-east-1a",
  isSpot: false,
  tags: [],
};

/** A node of whose agent nothing was heard, after attempts that ended as `last`. */
function silent(last: Error): FailedInstance {
  const cause = Object.assign(new DOMException("too late", "TimeoutError"), { cause: last });
  const guard = { name: "clustertest", runnerCidr: "198.51.100.7/32" };
  return { id: instance.id, name: "node1", instance, cause, startTimeout: 300_000, guard };
}

const unanswered = silent(new DOMException("It took more than 5000 ms", "TimeoutError"));

const HINT = /lets in only 198\.51\.100\.7\/32; .* `deno task aws:setup .*--cidr ADDRESS\/32`/;

Deno.test("startFailure() says whom the stack lets in when attempts to connect are not answered", async () => {
  await using _account = await TestAccount.open({ machines: "simulated" });
  using aws = await Aws.open();
  const { message } = await startFailure(aws, unanswered);
  match(message, /^Cannot start node "node1" on i-\w+: its agent did not answer within 300 s/);
  match(message, HINT);
  const others: FailedInstance[] = [
    silent(new Deno.errors.ConnectionRefused("connection refused")),
    { ...unanswered, guard: undefined },
    { ...unanswered, instance: { ...instance, state: "pending" } },
  ];
  for (const other of others) {
    strictEqual(HINT.test((await startFailure(aws, other)).message), false);
  }
});
