import { ok, rejects, strictEqual } from "node:assert/strict";
import { HostLostError } from "../../agent/client/host_lost_error.ts";
import { NodeLostError } from "../errors.ts";
import { AuthorCall } from "./author_call.ts";
import { Lifeline } from "./lifeline.ts";

const LABEL = { node: "node1", backend: "docker" };

Deno.test("a lifeline ends with what the backend knows of the loss", async () => {
  const cause = new Error("the socket was closed");
  const reason = { summary: "it is gone", details: ["exit code 137"], cause };
  const life = new Lifeline(LABEL, Promise.resolve(reason));
  await Promise.resolve();
  const error: unknown = life.signal.reason;
  ok(error instanceof NodeLostError);
  strictEqual(error.cause, cause);
  strictEqual(error.message, 'Node "node1" (docker) was lost: it is gone\n  exit code 137');
});

Deno.test("a lifeline that the test ends has no cause", () => {
  const life = new Lifeline(LABEL, new Promise(() => {}));
  life.end({ summary: "it was destroyed by the test" });
  strictEqual("cause" in life.signal.reason, false);
});

Deno.test("work whose host is lost fails with the reason of its node, once that is known", async () => {
  const { promise, resolve } = Promise.withResolvers<{ summary: string; cause: unknown }>();
  const life = new Lifeline(LABEL, promise);
  const cause = new HostLostError("it does not answer");
  const readFile = () => life.during(new AuthorCall(readFile), () => Promise.reject(cause));
  const work = readFile();
  resolve({ summary: "its container has ended", cause });
  const { message } = new NodeLostError({
    ...LABEL,
    reason: "its container has ended",
    call: "node.readFile()",
  });
  await rejects(work, { name: "NodeLostError", message, cause });
});
