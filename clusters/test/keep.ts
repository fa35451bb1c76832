/** The variable that says which clusters are kept, where the code does not. */
const KEEP_VARIABLE = "CLUSTERTEST_KEEP";

/** Which clusters are kept at the end of their tests: those of tests that have failed, or none. */
export type Keep = "failed" | false;

/** The clusters that are kept according to the environment. @throws {RangeError} */
export function keepFromEnvironment(): Keep {
  const value = Deno.env.get(KEEP_VARIABLE) || "none";
  if (value === "failed") return "failed";
  if (value === "none") return false;
  throw new RangeError(`${KEEP_VARIABLE} must be "failed" or "none", not "${value}"`);
}
