import { AwsServerProcess } from "../aws/testing/aws_server_process.ts";
import { canBoot } from "../aws/testing/machines/requirement.ts";
import { testConformance } from "../conformance/mod.ts";
import { ec2 } from "../ec2/mod.ts";
import { setVariables } from "../ec2/testing/variables.ts";
import { local } from "../local/mod.ts";
import { composed } from "./mod.ts";
import { OWN_CASES } from "./testing/own_cases.ts";

const ignore = !await canBoot();
const stack = new AsyncDisposableStack();

if (!ignore) {
  Deno.test.beforeAll(async () => {
    const server = stack.use(await AwsServerProcess.start({ stack: true }));
    stack.use(setVariables(server.env));
  });
  Deno.test.afterAll(() => stack.disposeAsync());
}

testConformance(composed({ machines: ec2(), here: local() }), {
  name: "composed, ec2 first",
  cases: OWN_CASES,
  ignore,
});
