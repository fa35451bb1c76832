import { strictEqual } from "node:assert/strict";
import { fileURLToPath } from "node:url";

/** Runs a task of this package; resolves to its exit code and what it said. */
async function runTask(name: string): Promise<{ code: number; output: string }> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["task", name],
    cwd: new URL("../../..", import.meta.url),
    env: { NO_COLOR: "1" },
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  return { code, output: decoder.decode(stdout) + decoder.decode(stderr) };
}

Deno.test("the CDK app is in order, and makes the template that is committed", async () => {
  const { code, output } = await runTask("cdk:ok");
  strictEqual(code, 0, output);
});

/** Runs the linter for templates; resolves to `undefined` where it is not installed. */
async function lint(...args: string[]): Promise<Deno.CommandOutput | undefined> {
  try {
    return await new Deno.Command("cfn-lint", { args }).output();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

// No requirement: neither Debian nor npm has it, so not every machine can be given it.
const hasLinter = (await lint("--version"))?.success ?? false;

Deno.test({
  name: "cfn-lint finds nothing in the template",
  ignore: !hasLinter,
  fn: async () => {
    const ended = await lint(fileURLToPath(new URL("template.json", import.meta.url)));
    strictEqual(new TextDecoder().decode(ended?.stdout), "");
    strictEqual(ended?.code, 0);
  },
});
