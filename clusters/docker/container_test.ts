import { rejects, strictEqual } from "node:assert/strict";
import { Container } from "./container.ts";
import type { Engine } from "./engine/engine.ts";
import type { EngineCall } from "./engine/engine_call.ts";
import { EngineError } from "./engine/engine_error.ts";

/** An engine that refuses to pause for these reasons, one after the other, and then does it. */
function refusing(reasons: string[]) {
  const paths: string[] = [];
  const call = ({ what, path }: EngineCall) => {
    paths.push(path);
    if (path === "/containers/create") return Promise.resolve({ Id: "c1" });
    const reason = reasons.shift();
    if (reason === undefined) return Promise.resolve();
    return Promise.reject(new EngineError(what, { reason, status: 500 }));
  };
  const make = () => Container.create({ call } as unknown as Engine, "node1", {});
  return { make, paused: () => paths.filter((each) => each === "/containers/c1/pause").length };
}

const RACE = "Cannot pause container c1: OCI runtime pause failed: unable to freeze: unknown";

Deno.test("pause() tries again when the engine was too slow to stop all processes", async () => {
  const engine = refusing([RACE, RACE]);
  await (await engine.make()).pause();
  strictEqual(engine.paused(), 3);
});

Deno.test("pause() fails when that does not help, and at once for any other reason", async () => {
  const never = refusing(Array(100).fill(RACE));
  await rejects((await never.make()).pause(), /Cannot pause the container "node1": .*unable to/);
  strictEqual(never.paused(), 10);
  const other = refusing(["no such container"]);
  await rejects((await other.make()).pause(), /no such container/);
  strictEqual(other.paused(), 1);
});
