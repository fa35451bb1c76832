/**
 * What backends on AWS share: access to an account, failures in plain words, the stack and its bucket.
 *
 * @module
 */
export { AGENT_PREFIX, AgentBucket } from "./agent_bucket.ts";
export { Aws } from "./aws.ts";
export type { AwsCredentials, AwsKeys } from "./credentials.ts";
export { errorCode, isExhausted, isExhaustedCode } from "./error_code.ts";
export { describeInstances, ENDED, filterList, LIVING, toInstance } from "./instance.ts";
export type { Filters, Instance, InstanceState } from "./instance.ts";
export { hourlyPrice } from "./prices.ts";
export { pauseAfter } from "./retry.ts";
export { AGENT_PORT } from "./stack/agent_port.ts";
export { findStack, MissingStackError } from "./stack/find_stack.ts";
export type { Stack } from "./stack/stack.ts";
export { stackCommand } from "./stack/stack_command.ts";
export { DEFAULT_STACK_NAME } from "./stack/stack_name.ts";
export { OWNED_TAG, ownedTags, readTags, tagList } from "./tags.ts";
export type { TagList, Tags } from "./tags.ts";
