// deno-lint-ignore-file no-console -- a task talks to its terminal
/**
 * `deno task cdk:synth`: writes the template that `aws:setup` deploys. With `--check` it writes
 * nothing, and fails unless the template is what the app makes.
 *
 * @module
 */
import { App } from "aws-cdk-lib";
import { DEFAULT_STACK_NAME } from "../clusters/aws/stack/stack_name.ts";
import { ClustertestStack } from "./clustertest_stack.ts";

const file = new URL("../clusters/aws/stack/template.json", import.meta.url);

/** The template as it is committed. */
function synthesise(): string {
  const stack = new ClustertestStack(new App(), "Clustertest", { stackName: DEFAULT_STACK_NAME });
  const assembly = App.of(stack) as App;
  const { template } = assembly.synth().getStackByName(stack.stackName);
  return `${JSON.stringify(template, null, 2)}\n`;
}

const template = synthesise();
if (!Deno.args.includes("--check")) {
  await Deno.writeTextFile(file, template);
  console.log(`Wrote clusters/aws/stack/template.json (${template.length} bytes)`);
} else if (await Deno.readTextFile(file) !== template) {
  console.error("clusters/aws/stack/template.json is not what cdk/ makes: run deno task cdk:synth");
  Deno.exit(1);
}
