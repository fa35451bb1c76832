/**
 * How Deno is told to run a bundled agent, which has everything in it: no caches, no registries, no
 * settings of where it happens to be. Deno would also make code for the cache that it does not have,
 * a tenth of an agent's start (by the CPU time of the command with `--version`: 82 ms, not 73).
 *
 * This and the environment are among the agent's sources, so that a change of them has its packs
 * built again.
 */
export const agentFlags: readonly string[] = [
  ...["-A", "--no-config", "--no-lock", "--cached-only", "--no-remote", "--no-npm"],
  "--no-code-cache",
];

/**
 * Environment variables with which an agent is started. An agent removes them before it starts a
 * process, so that none of them is seen by what a test runs.
 *
 * Without `DENO_DIR` Deno would write caches into the node: it names a place that nobody can make,
 * where even an image without `/dev` has what it takes, since Deno itself needs `/proc`. Without
 * `DENO_DISABLE_NODE_SHIM` it would put a `node` of its own at the front of PATH, and the rest keeps
 * it from looking around.
 *
 * V8 takes each buffer that comes from the network as growth of a heap that is small, and collects
 * garbage all the time, unless the heap is said to become larger. That alone lets an agent receive 1.5
 * times as fast, and send 1.2 times, for 30 MB more once gigabytes have passed, and none while it is
 * idle. An agent that refuses many strangers has their garbage collected (`server/refused_connections.ts`).
 */
export const agentEnvironment: Readonly<Record<string, string>> = {
  DENO_DIR: "/proc/x",
  DENO_DISABLE_NODE_SHIM: "1",
  DENO_NO_PACKAGE_JSON: "1",
  DENO_NO_PROMPT: "1",
  DENO_NO_UPDATE_CHECK: "1",
  DENO_V8_FLAGS: "--initial-heap-size=64,--expose-gc",
  NO_COLOR: "1",
};

/**
 * What replaces some of it where there is little memory: the agent collects garbage early, and sends
 * at two thirds, receives at two fifths of its speed. While a gigabyte passes it has 70 MB rather
 * than 150.
 */
export const frugalEnvironment: Readonly<Record<string, string>> = {
  DENO_V8_FLAGS: "--optimize-for-size,--expose-gc",
};
