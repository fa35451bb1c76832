/**
 * The contract of a backend, as tests: one call checks that its nodes do all that nodes do. Every
 * backend of this package passes it, and so should every other one.
 *
 * ```ts
 * import { testConformance } from "@clustertest/clustertest/conformance";
 * import { local } from "@clustertest/clustertest/local";
 *
 * if (import.meta.main) testConformance(local());
 * ```
 *
 * @module
 */
export { testConformance } from "./test_conformance.ts";
export type { ConformanceOptions } from "./test_conformance.ts";
