/**
 * The app that the CDK command line runs, as `cdk.json` says.
 *
 * The context `stackName` (`--context stackName=…`) names the stack, and so its exports.
 *
 * @module
 */
import { App } from "aws-cdk-lib";
import { DEFAULT_STACK_NAME } from "../clusters/aws/stack/stack_name.ts";
import { ClustertestStack } from "./clustertest_stack.ts";

const app = new App();
const stackName = app.node.tryGetContext("stackName") ?? DEFAULT_STACK_NAME;
new ClustertestStack(app, "Clustertest", { stackName });
app.synth();
