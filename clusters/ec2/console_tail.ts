import { GetConsoleOutputCommand } from "@aws-sdk/client-ec2";
import { type Aws, errorCode } from "../aws/mod.ts";

/** Lines of the console that are shown. */
const LINES = 20;

/** The last lines of an instance's console, as details of an error: its agent's are among them. */
export async function consoleTail(aws: Aws, id: string): Promise<string[]> {
  let output: string | undefined;
  try {
    output = await consoleOutput(aws, id);
  } catch (error) {
    return [`its console cannot be read: ${(error as Error).message}`];
  }
  const lines = output?.trimEnd().split(/\r?\n/).slice(-LINES) ?? [];
  if (lines.length === 0) return ["its console has said nothing yet"];
  return ["the last lines of its console:", ...lines.map((line) => `  ${line}`)];
}

/** What is there now; of types that cannot show that, what was there when the state last changed. */
async function consoleOutput(aws: Aws, id: string): Promise<string | undefined> {
  try {
    return await readConsole(aws, { InstanceId: id, Latest: true });
  } catch (error) {
    if (errorCode(error) !== "UnsupportedOperation") throw error;
    return await readConsole(aws, { InstanceId: id });
  }
}

async function readConsole(
  aws: Aws,
  input: { InstanceId: string; Latest?: boolean },
): Promise<string | undefined> {
  const { Output } = await aws.call(
    "read the console of an instance",
    (options) => aws.ec2.send(new GetConsoleOutputCommand(input), options),
    { deadline: 20_000 },
  );
  return Output ? decode(Output) : undefined;
}

function decode(base64: string): string {
  return new TextDecoder().decode(Uint8Array.fromBase64(base64));
}
