import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { unlessAborted } from "../../agent/unless_aborted.ts";
import { NodeLife } from "../calls/mod.ts";
import { NodeDownError, NodeLostError } from "../errors.ts";
import { PowerSwitch } from "./power_switch.ts";

/** A switch of a node whose kills and starts end when the test says so. */
function makeScene() {
  const steps: string[] = [];
  const life = new NodeLife({ node: "node1", backend: "tested" }, new Promise(() => {}));
  const kills: PromiseWithResolvers<void>[] = [];
  const starts: PromiseWithResolvers<void>[] = [];
  const power = PowerSwitch.of({
    life,
    abilities: {
      kill: {
        kill: async (onDown) => {
          steps.push("kill");
          onDown?.();
          kills.push(Promise.withResolvers());
          await kills.at(-1)!.promise;
        },
      },
      start: {
        start: async (signal) => {
          steps.push("start");
          starts.push(Promise.withResolvers());
          await unlessAborted(starts.at(-1)!.promise, signal);
        },
      },
    },
    beforeKill: () => Promise.resolve(void steps.push("before")),
    onChange: (state) => void steps.push(state),
  })!;
  const turnOff = async () => {
    const done = power.turnOff();
    await turn();
    kills.at(-1)!.resolve();
    await done;
  };
  return { steps, life, kills, starts, power, turnOff };
}

/** Everything that waits for nothing has happened then. */
const turn = () => new Promise((resolve) => setTimeout(resolve));

const never = (): AbortSignal => new AbortController().signal;

Deno.test("PowerSwitch.of() is none where a node cannot be started again", () => {
  const { life } = makeScene();
  const parts = { life, beforeKill: () => Promise.resolve(), onChange: () => {} };
  const kill = { kill: () => Promise.resolve() };
  strictEqual(PowerSwitch.of({ ...parts, abilities: { kill } }), undefined);
});

Deno.test("turnOff() brings in what would be lost, and has the node down as soon as it cannot be averted", async () => {
  const { steps, life, kills, power } = makeScene();
  const done = power.turnOff();
  await turn();
  deepStrictEqual(steps, ["before", "kill", "down"]);
  strictEqual(life.isDown, true);
  kills[0]!.resolve();
  await done;
});

Deno.test("turnOff() does its work once for all who ask, and nothing when the node is down", async () => {
  const { steps, kills, power } = makeScene();
  const both = Promise.all([power.turnOff(), power.turnOff()]);
  await turn();
  kills[0]!.resolve();
  await both;
  await power.turnOff();
  deepStrictEqual(steps, ["before", "kill", "down"]);
});

Deno.test("turnOff() that fails before anything is ended leaves the node up", async () => {
  const { life } = makeScene();
  const failure = new Error("a permission is missing");
  const power = PowerSwitch.of({
    life,
    abilities: {
      kill: { kill: () => Promise.reject(failure) },
      start: { start: () => Promise.resolve() },
    },
    beforeKill: () => Promise.resolve(),
    onChange: () => {},
  })!;
  await rejects(power.turnOff(), (error) => error === failure);
  strictEqual(life.isDown, false);
  await power.turnOn(never());
});

Deno.test("turnOn() does nothing when the node is up, and waits for a kill that is under way", async () => {
  const { steps, kills, starts, life, power } = makeScene();
  await power.turnOn(never());
  deepStrictEqual(steps, []);
  const off = power.turnOff();
  const on = power.turnOn(never());
  await turn();
  deepStrictEqual(steps, ["before", "kill", "down"]);
  kills[0]!.resolve();
  await off;
  await turn();
  starts[0]!.resolve();
  await on;
  deepStrictEqual(steps, ["before", "kill", "down", "start", "up"]);
  strictEqual(life.isDown, false);
});

Deno.test("turnOn() starts once for all who ask; one who gives up leaves the start to the others", async () => {
  const { steps, starts, life, power, turnOff } = makeScene();
  await turnOff();
  const controller = new AbortController();
  const reason = new Error("not for me");
  const mine = rejects(power.turnOn(controller.signal), (error) => error === reason);
  const others = power.turnOn(never());
  await turn();
  controller.abort(reason);
  await mine;
  starts[0]!.resolve();
  await others;
  strictEqual(life.isDown, false);
  strictEqual(steps.filter((step) => step === "start").length, 1);
});

Deno.test("turnOn() that all have given up leaves the node down, and it can be started again", async () => {
  const { starts, life, power, turnOff } = makeScene();
  await turnOff();
  const controller = new AbortController();
  const reason = new Error("enough");
  const first = rejects(power.turnOn(controller.signal), (error) => error === reason);
  await turn();
  controller.abort(reason);
  await first;
  strictEqual(life.isDown, true);
  const second = power.turnOn(never());
  await turn();
  starts[1]!.resolve();
  await second;
  strictEqual(life.isDown, false);
});

Deno.test("a node that comes up in the moment in which its start is given up is down again", async () => {
  const { steps, kills, starts, life, power, turnOff } = makeScene();
  await turnOff();
  const controller = new AbortController();
  const reason = new Error("enough");
  const starting = rejects(power.turnOn(controller.signal), (error) => error === reason);
  await turn();
  starts[0]!.resolve();
  controller.abort(reason);
  await starting;
  await turn();
  kills.at(-1)!.resolve();
  await power.turnOff();
  strictEqual(life.isDown, true);
  deepStrictEqual(steps.filter((step) => step !== "before"), ["kill", "down", "start", "kill"]);
});

Deno.test("turnOff() gives up a start that is under way, and the node stays down", async () => {
  const { steps, life, power, turnOff } = makeScene();
  await turnOff();
  const starting = rejects(power.turnOn(never()), NodeDownError);
  await turn();
  await power.turnOff();
  await starting;
  strictEqual(life.isDown, true);
  deepStrictEqual(steps, ["before", "kill", "down", "start"]);
});

Deno.test("turnOn() ends when the node is lost meanwhile", async () => {
  const { life, power, turnOff } = makeScene();
  await turnOff();
  const starting = rejects(power.turnOn(life.signal), NodeLostError);
  await turn();
  life.end({ summary: "it was destroyed by the test" });
  await starting;
});

Deno.test("an aborted signal is looked at first, whatever the node's state", async () => {
  const { power } = makeScene();
  const reason = new Error("before");
  await rejects(power.turnOn(AbortSignal.abort(reason)), (error) => error === reason);
});
