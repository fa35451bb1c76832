/**
 * That the options of `ec2()` about an account reach the SDK, and what nodes fetch by it.
 *
 * @module
 */
import { join } from "node:path";
import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { BackendUnusableError } from "../errors.ts";
import type { Ec2Options } from "../ec2/ec2_options.ts";
import { TestAccount } from "../ec2/testing/account.ts";
import {
  ACCESS_KEY_ID as accessKeyId,
  SECRET_ACCESS_KEY as secretAccessKey,
} from "./testing/account.ts";
import { make } from "../ec2/testing/cases.ts";
import { setVariables } from "../ec2/testing/variables.ts";

/** An account, and an environment whose own key it does not know. */
async function open(): Promise<{ account: TestAccount } & AsyncDisposable> {
  await using stack = new AsyncDisposableStack();
  const account = stack.use(await TestAccount.open({ machines: "simulated" }));
  stack.use(setVariables({ AWS_ACCESS_KEY_ID: "AKIAOFSOMEBODYELSE00" }));
  const moved = stack.move();
  return { account, [Symbol.asyncDispose]: () => moved.disposeAsync() };
}

/** Launches a node, and fetches the agent as its instance would. */
async function use({ server }: TestAccount, options: Ec2Options): Promise<void> {
  let script = "";
  const customize: Ec2Options["customize"] = (request) => {
    script = atob(String(request.UserData));
  };
  await using cluster = await make({ ...options, customize });
  await cluster.addNode();
  const [url = ""] = script.match(/http:[^\s'"]+/) ?? [];
  const response = await fetch(url);
  await response.body?.cancel();
  strictEqual(response.status, 200, url);
  const services = new Set(server.journal.entries.map(({ service }) => service));
  deepStrictEqual([...services].sort(), ["cloudformation", "ec2", "s3", "ssm"]);
}

Deno.test("ec2() signs with the credentials that it is given", async () => {
  await using at = await open();
  await rejects(make(), BackendUnusableError);
  at.account.reset();
  await use(at.account, { credentials: { accessKeyId, secretAccessKey } });
});

Deno.test("ec2() signs with credentials that it has to ask for", async () => {
  await using at = await open();
  at.account.reset();
  let asked = 0;
  const credentials = () => {
    asked++;
    return Promise.resolve({ accessKeyId, secretAccessKey });
  };
  await use(at.account, { credentials });
  ok(asked > 0);
});

Deno.test("ec2() signs with the credentials of its profile", async () => {
  await using at = await open();
  await using folder = new AsyncDisposableStack();
  const dir = await Deno.makeTempDir({ prefix: "clustertest-profile-" });
  folder.defer(() => Deno.remove(dir, { recursive: true }));
  const file = join(dir, "credentials");
  const keys = `aws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secretAccessKey}\n`;
  await Deno.writeTextFile(file, `[mine]\n${keys}`);
  using _variables = setVariables({ AWS_SHARED_CREDENTIALS_FILE: file });
  at.account.reset();
  await use(at.account, { profile: "mine" });
  await rejects(
    make({ profile: "yours" }),
    /no AWS credentials of profile "yours".*--profile yours/,
  );
});
