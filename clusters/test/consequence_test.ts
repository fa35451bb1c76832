import { deepStrictEqual, ok } from "node:assert/strict";
import { EssentialProcessError, NodesFailedError, ProcessEndedError } from "../errors.ts";
import { isConsequence, partsOf } from "./consequence.ts";

Deno.test("isConsequence() finds the reason itself, as a cause, and in a message", () => {
  const reason = new Error("its time is over");
  const waiting = new Error("Cannot wait: its time is over");
  for (const thrown of [reason, new Error("outer", { cause: reason }), waiting]) {
    ok(isConsequence(thrown, [reason]));
  }
  const endless = new Error("endless");
  endless.cause = endless;
  for (const thrown of [new Error("another"), endless, undefined, "text"]) {
    ok(!isConsequence(thrown, [reason]));
  }
});

/** How a process of a node has ended. */
function endOf(node: string, end: { elapsed?: number; command?: string[] } = {}) {
  const { elapsed = 12.5, command = ["etcd", "--name", node] } = end;
  return {
    ...{ node, backend: "local", command, elapsed, code: 2, signal: null, stdout: "" },
    stderr: "version 3\nbad flag\n",
  };
}

/** A wait that failed since a process has ended. */
function waited(end: ReturnType<typeof endOf>): ProcessEndedError {
  return new ProcessEndedError({ ...end, what: "Cannot complete node.waitForPort(80)" });
}

function onNodes(...errors: readonly unknown[]): NodesFailedError {
  const failures = errors.map((error, i) => ({ node: `node${i + 1}`, error }));
  return new NodesFailedError({ failures, nodes: 3 });
}

const REASONS = ["a", "b"].map((node) => new EssentialProcessError(endOf(node)));

Deno.test("isConsequence() knows waits for the very processes whose ends are reasons", () => {
  ok(isConsequence(waited(endOf("a")), REASONS));
  ok(isConsequence(waited(endOf("b")), REASONS));
  ok(isConsequence(new Error("outer", { cause: waited(endOf("b")) }), REASONS));
  for (const other of [endOf("c"), endOf("a", { elapsed: 13 }), endOf("a", { command: ["sh"] })]) {
    ok(!isConsequence(waited(other), REASONS));
  }
});

Deno.test("isConsequence() looks into errors that have several, all of which must be explained", () => {
  const [reason] = REASONS;
  const explained = onNodes(reason, waited(endOf("b")), new AggregateError([reason]));
  ok(isConsequence(explained, REASONS));
  ok(isConsequence(new SuppressedError(explained, reason), REASONS));
  const own = new Error("1 !== 2");
  for (const unexplained of [onNodes(reason, own), new SuppressedError(explained, own)]) {
    ok(!isConsequence(unexplained, REASONS));
  }
});

Deno.test("isConsequence() does not take a quoted reason for the other failures of an error", () => {
  const reason = new Error("its time is over");
  const both = onNodes(reason, new Error("the data are wrong"));
  ok(both.message.includes(reason.message));
  ok(!isConsequence(both, [reason]));
});

Deno.test("isConsequence() ends with errors that contain themselves, and with none in them", () => {
  const circle = new AggregateError([]);
  ok(!isConsequence(circle, REASONS));
  circle.errors.push(...Array.from({ length: 100 }, () => circle));
  ok(!isConsequence(circle, REASONS));
});

Deno.test("partsOf() has what an error has put together, and nothing of others", () => {
  deepStrictEqual(partsOf(onNodes(1, 2)), [1, 2]);
  deepStrictEqual(partsOf(new SuppressedError("disposer", "body", "both")), ["body", "disposer"]);
  for (const thrown of [new Error("one"), undefined, "text", new AggregateError([])]) {
    deepStrictEqual(partsOf(thrown), []);
  }
});
