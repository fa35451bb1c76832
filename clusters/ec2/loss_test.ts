import { strictEqual } from "node:assert/strict";
import { type Instance, toInstance } from "../aws/instance.ts";
import { lossOf } from "./loss.ts";

function ended(code: string, message: string, isSpot = false): Instance {
  return toInstance({
    InstanceId: "i-1",
    State: { Name: "terminated" },
    StateReason: { Code: code, Message: message },
    ...(isSpot ? { InstanceLifecycle: "spot" } : {}),
  });
}

Deno.test("lossOf() says that AWS took a spot instance back", () => {
  const taken = ended("Server.SpotInstanceTermination", "Spot instance termination", true);
  strictEqual(lossOf(taken).summary, "AWS took its spot instance back");
});

Deno.test("lossOf() says in which state an instance is, and why", () => {
  const shut = ended("Client.InstanceInitiatedShutdown", "Instance initiated shutdown", true);
  const { summary, details } = lossOf(shut);
  strictEqual(summary, "its instance is terminated");
  strictEqual(details?.[0], "instance i-1 is terminated; EC2 says: Instance initiated shutdown");
});

Deno.test("lossOf() says when EC2 gives no reason", () => {
  strictEqual(
    lossOf(ended("", "")).details?.[0],
    "instance i-1 is terminated; EC2 gives no reason",
  );
});
