/**
 * Environment variables with which an agent is started. An agent removes them before it starts a
 * process, so that none of them is seen by what a test runs.
 *
 * Without `DENO_DIR` Deno would write caches into the node: it names a place that nobody can make,
 * where even an image without `/dev` has what it takes, since Deno itself needs `/proc`. Without `DENO_DISABLE_NODE_SHIM` it would put a `node` of its own at the front of PATH, and the rest keeps it from looking around.
 */
export const agentEnvironment: Readonly<Record<string, string>> = {
  DENO_DIR: "/proc/x",
  DENO_DISABLE_NODE_SHIM: "1",
  DENO_NO_PACKAGE_JSON: "1",
  DENO_NO_PROMPT: "1",
  DENO_NO_UPDATE_CHECK: "1",
  NO_COLOR: "1",
};

/**
 * More of it, where there is little memory: the agent collects garbage early, at the cost of a quarter
 * of its speed. Measured while a gigabyte passes: 70 MB rather than 127.
 */
export const frugalEnvironment: Readonly<Record<string, string>> = {
  DENO_V8_FLAGS: "--optimize-for-size",
};
