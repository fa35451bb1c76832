import { AwsServerProcess } from "../../aws/testing/aws_server_process.ts";
import { setVariables } from "./variables.ts";

/** Has all tests of a file find a local AWS, with the stack, by the variables of the environment. */
export function useLocalAws(): void {
  const stack = new AsyncDisposableStack();
  Deno.test.beforeAll(async () => {
    const server = stack.use(await AwsServerProcess.start({ stack: true }));
    stack.use(setVariables(server.env));
  });
  Deno.test.afterAll(() => stack.disposeAsync());
}
