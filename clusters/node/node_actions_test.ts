import { match, rejects } from "node:assert/strict";
import { AuthorCall, NodeLife } from "../calls/mod.ts";
import { MissingAbilityError } from "../errors.ts";
import type { Abilities } from "../kit/mod.ts";
import type { ProcessContext } from "../process/mod.ts";
import { NodeActions } from "./node_actions.ts";

/** The actions of a node that has these abilities, and nothing else. */
function actionsOf(abilities: Abilities): NodeActions {
  const nodeLife = new NodeLife({ node: "node1", backend: "tested" }, new Promise(() => {}));
  const context = { name: "node1", backend: "tested", nodeLife, emit: () => {} };
  return new NodeActions({
    ...{ context: context as unknown as ProcessContext, abilities },
    flushMetrics: () => Promise.resolve(),
  });
}

Deno.test("a node that cannot be killed cannot be started or restarted, and says what it can do", async () => {
  const actions = actionsOf({
    start: { start: () => Promise.resolve() },
    pause: { pause: () => Promise.resolve(), resume: () => Promise.resolve() },
  });
  for (const ability of ["kill", "start", "restart"] as const) {
    const call = () => actions[ability](new AuthorCall(call));
    await rejects(call(), (error) => {
      match(
        (error as Error).message,
        new RegExp(`^Cannot ${ability} a node .*; they can pause\\. Run `),
      );
      return error instanceof MissingAbilityError;
    });
  }
});
