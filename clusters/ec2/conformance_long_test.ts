import { testConformance } from "../conformance/mod.ts";
import { ec2 } from "./backend.ts";
import { AwsServerProcess } from "../aws/testing/aws_server_process.ts";
import { canBoot } from "../aws/testing/machines/requirement.ts";
import { setVariables } from "./testing/variables.ts";

const ignore = !await canBoot();
const stack = new AsyncDisposableStack();

if (!ignore) {
  Deno.test.beforeAll(async () => {
    const server = stack.use(await AwsServerProcess.start({ stack: true }));
    stack.use(setVariables(server.env));
  });
  Deno.test.afterAll(() => stack.disposeAsync());
}

testConformance(ec2(), { ignore });
