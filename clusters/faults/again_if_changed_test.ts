import { rejects, strictEqual } from "node:assert/strict";
import { againIfChanged, type ChangingNode } from "./again_if_changed.ts";

const failure = new Error("The runner closed the channel");

/** A node, and what happens to it. */
class Changed implements ChangingNode {
  readonly changes = { begun: 0, ended: 0 };
  readonly gone = new AbortController();
  readonly signal: AbortSignal = this.gone.signal;
  settled: () => Promise<void> = () => Promise.resolve();

  kill(): void {
    this.changes.begun++;
    this.changes.ended++;
  }
}

/** How often work is done that fails, and during which something happens to a node. */
async function triesOf(
  happens: (node: Changed, tries: number) => void,
  { failures = 1, node = new Changed() } = {},
): Promise<number> {
  let tries = 0;
  const work = () => {
    happens(node, ++tries);
    return tries <= failures ? Promise.reject(failure) : Promise.resolve();
  };
  await againIfChanged(work, { nodes: () => [node], signal: new AbortController().signal });
  return tries;
}

Deno.test("againIfChanged() does work again that failed while a node was changed or went", async () => {
  strictEqual(await triesOf((node, tries) => tries === 1 && node.kill()), 2);
  strictEqual(await triesOf((node) => node.gone.abort()), 2);
  strictEqual(await triesOf((node) => node.changes.begun = 1), 2);
});

Deno.test("againIfChanged() does work again that failed while a change went on from before", async () => {
  const node = new Changed();
  node.changes.begun = 1;
  strictEqual(await triesOf(() => node.changes.ended = 1, { node }), 2);
});

Deno.test("againIfChanged() waits until a node was killed before it tries again", async () => {
  const node = new Changed();
  node.settled = () => {
    node.changes.ended = node.changes.begun;
    return Promise.resolve();
  };
  const kill = (_: Changed, tries: number) => tries === 1 && node.changes.begun++;
  strictEqual(await triesOf(kill, { node }), 2);
  strictEqual(node.changes.ended, 1);
});

Deno.test("againIfChanged() gives up where nothing has changed, or changes go on and on", async () => {
  await rejects(triesOf(() => {}), failure);
  await rejects(triesOf((node, tries) => tries === 1 && node.kill(), { failures: 2 }), failure);
  await rejects(triesOf((node) => node.kill(), { failures: 5 }), failure);
  strictEqual(await triesOf((node) => node.kill(), { failures: 4 }), 5);
});

Deno.test("againIfChanged() gives up when the call is aborted, also while a kill goes on", async () => {
  const node = new Changed();
  const enough = new Error("enough");
  const controller = new AbortController();
  const options = { nodes: () => [node], signal: controller.signal };
  let tries = 0;
  const work = () => {
    tries++;
    node.changes.begun++;
    return Promise.reject(failure);
  };
  node.settled = () => {
    controller.abort(enough);
    return new Promise(() => {});
  };
  await rejects(againIfChanged(work, options), enough);
  await rejects(againIfChanged(work, options), failure);
  strictEqual(tries, 2);
});
