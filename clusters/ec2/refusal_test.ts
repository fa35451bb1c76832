import { strictEqual } from "node:assert/strict";
import { toInstance } from "../aws/instance.ts";
import { wasRefused } from "./refusal.ts";

for (
  const [state, code, refused] of [
    ["terminated", "Server.InsufficientInstanceCapacity", true],
    ["shutting-down", "Server.InsufficientInstanceCapacity", true],
    ["terminated", "Client.VolumeLimitExceeded", true],
    ["terminated", "Server.InternalError", false],
    ["terminated", "Client.UserInitiatedShutdown", false],
    ["terminated", undefined, false],
    ["running", "Server.InsufficientInstanceCapacity", false],
  ] as const
) {
  Deno.test(`wasRefused() is ${refused} of an instance that is ${state} by ${code}`, () => {
    const described = { State: { Name: state }, StateReason: { Code: code, Message: "why" } };
    strictEqual(wasRefused(toInstance(described)), refused);
  });
}
