import { deepStrictEqual } from "node:assert/strict";
import { Cluster } from "../../cluster/cluster.ts";
import type { ClusterOptions } from "../../cluster/cluster_options.ts";
import { ec2 } from "../backend.ts";
import type { Ec2NodeOptions, Ec2Options, RunRequest } from "../ec2_options.ts";
import { permissions } from "../../aws/stack/policy/permissions.ts";
import { TestAccount } from "./account.ts";
import type { AwsServerOptions } from "../../aws/testing/aws_server.ts";

/** Makes a cluster that says nothing. */
export function make(
  options: Ec2Options = {},
  clusterOptions: ClusterOptions = {},
): Promise<Cluster<Ec2NodeOptions>> {
  return Cluster.create(ec2(options), { progress: false, ...clusterOptions });
}

/** What is tested with an account, by name. */
export type Cases = Record<string, (account: TestAccount) => Promise<void>>;

/**
 * Registers a test with one account for all of its cases. After each of them, all instances have to
 * be gone within a while, and nothing may have been called that the policy for runners does not know.
 */
export function testWith(
  machines: NonNullable<AwsServerOptions["machines"]>,
  ignore: boolean,
  cases: Cases,
): void {
  Deno.test({
    name: `ec2() with machines that are ${machines}`,
    ignore,
    fn: async (test) => {
      await using account = await TestAccount.open({ machines });
      for (const [name, fn] of Object.entries(cases)) {
        account.reset();
        await test.step({
          name,
          // The server goes on between steps: the sanitizers judge all of them as a whole.
          sanitizeOps: false,
          sanitizeResources: false,
          fn: async () => {
            await fn(account);
            await account.until(({ length }) => length === 0);
            deepStrictEqual(callsNotAllowed(account), []);
          },
        });
      }
    },
  });
}

/** Calls of which the policy for runners does not know. */
function callsNotAllowed({ server }: TestAccount): string[] {
  // What was refused before it was read has no name.
  return Object.keys(server.journal.counts())
    .filter((call) => !call.endsWith(":?") && !(call in permissions));
}

/** The requests for instances that were made. */
export function runs({ server }: TestAccount): RunRequest[] {
  return server.journal.find("ec2", "RunInstances").map(({ input }) => input as RunRequest);
}

/** Zones of the local AWS. */
export const ZONES: readonly string[] = "abcdef".split("").map((letter) => `us-east-1${letter}`);
