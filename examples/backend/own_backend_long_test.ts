import { testConformance } from "@clustertest/clustertest/conformance";
import { ownBackend } from "./own_backend.ts";

// The contract of a backend, as tests: all that a node does is done by its agent.
testConformance(ownBackend(), { ignore: Deno.build.os !== "linux" });
