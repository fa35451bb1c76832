import { ok, rejects, strictEqual } from "node:assert/strict";
import { HostLostError } from "../../agent/client/host_lost_error.ts";
import { NodeDownError, NodeLostError } from "../errors.ts";
import { AuthorCall } from "./author_call.ts";
import { NodeLife } from "./node_life.ts";

const LABEL = { node: "node1", backend: "docker" };

Deno.test("a lifeline ends with what the backend knows of the loss", async () => {
  const cause = new Error("the socket was closed");
  const reason = { summary: "it is gone", details: ["exit code 137"], cause };
  const life = new NodeLife(LABEL, Promise.resolve(reason)).current;
  await Promise.resolve();
  const error: unknown = life.signal.reason;
  ok(error instanceof NodeLostError);
  strictEqual(error.cause, cause);
  strictEqual(error.message, 'Node "node1" (docker) was lost: it is gone\n  exit code 137');
});

Deno.test("a lifeline that the test ends has no cause", () => {
  const life = new NodeLife(LABEL, new Promise(() => {}));
  life.end({ summary: "it was destroyed by the test" });
  strictEqual("cause" in life.signal.reason, false);
});

Deno.test("work whose host is lost fails with the reason of its node, once that is known", async () => {
  const { promise, resolve } = Promise.withResolvers<{ summary: string; cause: unknown }>();
  const life = new NodeLife(LABEL, promise).current;
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

Deno.test("work fails with NodeDownError when its node goes down, also once that is up again", async () => {
  const life = new NodeLife(LABEL, new Promise(() => {}));
  const { current } = life;
  const listen = () => current.during(new AuthorCall(listen), (signal) => untilAborted(signal));
  const work = listen();
  life.goDown();
  await rejects(work, {
    name: "NodeDownError",
    message:
      'Cannot complete node.listen(): node "node1" (docker) is down, since the test killed ' +
      "it. Start it again with node.start()",
  });
  strictEqual(life.signal.aborted, false);
  await life.comeUp();
  await rejects(listen(), {
    name: "NodeDownError",
    message: 'Cannot complete node.listen(): node "node1" (docker) was killed by the test, and ' +
      "started again since. What is from before has ended: make it anew",
  });
  const again = () => life.current.during(new AuthorCall(again), () => Promise.resolve("up"));
  strictEqual(await again(), "up");
});

Deno.test("a host that is lost by a kill is not taken for the loss of its node", async () => {
  const life = new NodeLife(LABEL, new Promise(() => {}));
  const { current } = life;
  const readFile = () =>
    current.during(new AuthorCall(readFile), () => {
      life.goDown();
      return Promise.reject(new HostLostError("it does not answer"));
    });
  await rejects(readFile(), NodeDownError);
  strictEqual(life.signal.aborted, false);
});

Deno.test("a node that is lost while it is down fails everything with that, also what is older", async () => {
  const life = new NodeLife(LABEL, new Promise(() => {}));
  const old = life.current;
  life.goDown();
  await life.comeUp();
  life.goDown();
  life.end({ summary: "its container was removed" });
  for (const lifeline of [old, life.current]) {
    strictEqual(lifeline.isDown, false);
    const stat = () => lifeline.during(new AuthorCall(stat), () => Promise.resolve());
    await rejects(stat(), NodeLostError);
  }
  await life.comeUp();
  strictEqual(life.current.signal.aborted, true);
});

function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) =>
    signal.addEventListener("abort", () => reject(signal.reason), { once: true })
  );
}
