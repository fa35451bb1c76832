import { deepStrictEqual } from "node:assert/strict";
import { runTool } from "../../../agent/build/run_tool.ts";

/** What sets the variables by which AWS is found. */
const SETTERS = ["setVariables(", "TestAccount.open(", "testWith("];

Deno.test("of the tests that run in parallel, one file sets where AWS is, for they share it", async () => {
  const root = new URL("../../../", import.meta.url).pathname;
  const names = ["--include=*_test.ts", "--exclude=*_long_test.ts", "--exclude=variables_test.ts"];
  const patterns = SETTERS.flatMap((setter) => ["-e", setter]);
  const folders = ["agent", "cdk", "clusters", "examples", "tasks"].map((each) => root + each);
  const found = await runTool(["grep", "-rlF", ...names, ...patterns, ...folders]);
  deepStrictEqual(found, `${root}clusters/ec2/ec2_test.ts\n`);
});
