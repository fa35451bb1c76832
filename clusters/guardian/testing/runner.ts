/**
 * The program of a runner that is to be ended.
 *
 * @module
 */
import { occupyNode } from "./occupy_node.ts";

if (import.meta.main) await occupyNode(JSON.parse(Deno.env.get("RUNNER_PLAN")!));
