/**
 * What becomes of instances whose runner has died, with a local AWS that boots them as containers.
 *
 * @module
 */
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { delay } from "../../agent/delay.ts";
import { RunnerProcess } from "../testing/runner_process.ts";
import { ec2 } from "./backend.ts";
import { TestAccount } from "./testing/account.ts";
import { canBoot } from "../aws/testing/machines/requirement.ts";

const ignore = !await canBoot();

const backend = { ec2: {} };

function test(name: string, fn: (account: TestAccount) => Promise<void>): void {
  Deno.test({
    name,
    ignore,
    fn: async () => {
      await using account = await TestAccount.open();
      await fn(account);
    },
  });
}

test("a guardian terminates all instances when its runner is killed", async (account) => {
  await using runner = new RunnerProcess({ backend, nodes: 2, lease: 600_000 });
  await runner.cluster();
  strictEqual((await runner.outputs()).length, 2);
  await runner.kill();
  await account.until(({ length }) => length === 0);
});

test("a guardian terminates all instances when its runner is killed while it adds nodes", async (account) => {
  await using runner = new RunnerProcess({ backend, nodes: 3, lease: 600_000 });
  await runner.cluster();
  await account.until(({ length }) => length > 0);
  await runner.kill();
  await account.until(({ length }) => length === 0);
});

test("instances end themselves within the lease when runner and guardian are killed", async (account) => {
  await using runner = new RunnerProcess({ backend, nodes: 2, lease: 6_000 });
  await runner.cluster();
  await runner.outputs();
  await runner.killWithGuardian();
  await account.until(({ length }) => length === 0);
  strictEqual(account.server.journal.count("ec2", "TerminateInstances"), 0);
  const reasons = account.server.instances.map(({ stateReason }) => stateReason?.Code);
  deepStrictEqual(reasons, Array(2).fill("Client.InstanceInitiatedShutdown"));
});

test("instances of nodes that are down end themselves when runner and guardian are killed", async (account) => {
  const lease = 6_000;
  // An agent of the second boot that was not reached yet lives as long as a start may take.
  const bounded = { ec2: { startTimeout: 60_000 } };
  await using runner = new RunnerProcess({ backend: bounded, nodes: 2, lease, down: true });
  await runner.cluster();
  await runner.outputs();
  // While the runner lives, the lease of a node that is down goes on.
  await delay(2 * lease);
  strictEqual(account.living.length, 2);
  await runner.killWithGuardian();
  await account.until(({ length }) => length === 0);
  strictEqual(account.server.journal.count("ec2", "TerminateInstances"), 0);
});

test("a sweep terminates what runner and guardian left when they were killed", async (account) => {
  await using runner = new RunnerProcess({ backend, nodes: 1, lease: 600_000 });
  await runner.cluster();
  await runner.outputs();
  const living = await ec2().sweep({ dryRun: true });
  deepStrictEqual(living.found, []);
  await runner.killWithGuardian();
  const { found } = await ec2().sweep({ dryRun: true });
  ok(found.some(({ kind, outcome }) => kind === "instance" && outcome === "would be removed"));
  strictEqual(account.living.length, 1);
  await ec2().sweep();
  await account.until(({ length }) => length === 0);
});
