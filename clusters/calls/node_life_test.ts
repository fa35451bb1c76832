import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { type LifeFollower, NodeLife } from "./node_life.ts";

const LABEL = { node: "node1", backend: "docker" };

/** Notes what it is told. */
function noting(told: string[]): LifeFollower {
  return {
    down: () => void told.push("down"),
    up: () => Promise.resolve(void told.push("up")),
    gone: () => void told.push("gone"),
  };
}

Deno.test("follow() tells of each kill and start, and once of the node's end", async () => {
  const life = new NodeLife(LABEL, new Promise(() => {}));
  const told: string[] = [];
  life.follow(noting(told));
  life.goDown();
  await life.settleDown();
  await life.comeUp();
  life.goDown();
  life.end({ summary: "its container was removed" });
  life.end({ summary: "it was destroyed by the test" });
  await life.comeUp();
  deepStrictEqual(told, ["down", "up", "down", "gone"]);
});

Deno.test("follow() tells nothing any more once its result is disposed", async () => {
  const life = new NodeLife(LABEL, new Promise(() => {}));
  const told: string[] = [];
  const following = life.follow(noting(told));
  life.follow(noting([]));
  following[Symbol.dispose]();
  following[Symbol.dispose]();
  life.goDown();
  await life.comeUp();
  life.end({ summary: "it was destroyed by the test" });
  deepStrictEqual(told, []);
});

Deno.test("end() fails nothing and tells the others when a follower fails", () => {
  const life = new NodeLife(LABEL, new Promise(() => {}));
  const told: string[] = [];
  life.follow({ gone: () => Promise.reject(new Error("cannot close")) });
  life.follow({
    gone() {
      throw new Error("cannot close at once");
    },
  });
  life.follow(noting(told));
  life.end({ summary: "it was destroyed by the test" });
  deepStrictEqual(told, ["gone"]);
  strictEqual(life.signal.aborted, true);
});
