import { strictEqual } from "node:assert/strict";
import { type Instance, toInstance } from "../aws/instance.ts";
import { explainEnd } from "./explain_end.ts";

function ended(code: string, message: string, isSpot = false): Instance {
  return toInstance({
    InstanceId: "i-1",
    State: { Name: "terminated" },
    StateReason: { Code: code, Message: message },
    ...(isSpot ? { InstanceLifecycle: "spot" } : {}),
  });
}

Deno.test("explainEnd() says that AWS took a spot instance back", () => {
  const taken = ended("Server.SpotInstanceTermination", "Spot instance termination", true);
  strictEqual(explainEnd(taken).summary, "AWS took its spot instance back");
});

Deno.test("explainEnd() says in which state an instance is, and why", () => {
  const shut = ended("Client.InstanceInitiatedShutdown", "Instance initiated shutdown", true);
  const { summary, details } = explainEnd(shut);
  strictEqual(summary, "its instance is terminated");
  strictEqual(details?.[0], "instance i-1 is terminated; EC2 says: Instance initiated shutdown");
});

Deno.test("explainEnd() says when EC2 gives no reason", () => {
  strictEqual(
    explainEnd(ended("", "")).details?.[0],
    "instance i-1 is terminated; EC2 gives no reason",
  );
});
