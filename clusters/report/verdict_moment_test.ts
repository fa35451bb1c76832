import { deepStrictEqual, doesNotMatch, match, strictEqual } from "node:assert/strict";
import type { EventDetail } from "../events/mod.ts";
import { FixedClock } from "../runs/testing/fixed_clock.ts";
import { written } from "../runs/testing/recording.ts";
import { collectReport } from "./run_report.ts";
import { command, recordTest, TEST, textOf } from "./testing/tested_recording.ts";
import { verdictHtml } from "./verdict_html.ts";

const FAULT = { fault: "fault1", action: "isolate node1", elapsed: 400 };

const ERROR =
  'CommandError: Cannot complete `grep ready` on node "node1" (local): it exited with 1';

/** A test whose command failed at 3 s while a fault was in force, which took from 3.6 to 4 s to heal. */
async function failedUnderFault(options: { readonly error?: string } = {}) {
  const { error = ERROR } = options;
  const clock = new FixedClock();
  const recording = await recordTest([]);
  const at = (passed: number, ...events: EventDetail[]) => {
    clock.pass(passed);
    for (const event of events) recording.emit("a", event);
  };
  const [started, ended] = command(7, { code: 1 });
  const [after, afterEnd] = command(9, { code: 3 }).map((event) => ({
    ...event,
    command: ["grep", "other"],
  })) as EventDetail[];
  at(1000, { type: "fault-injected", ...FAULT });
  at(1000, started!);
  at(1000, ended!);
  at(1000, { type: "fault-healed", ...FAULT }, after!, afterEnd!);
  at(1000, { type: "test-ended", test: TEST, verdict: "failed", elapsed: 5000, error });
  recording.test.end({ verdict: "failed", errors: [error] });
  return Object.assign(recording, {
    end: () => {
      clock[Symbol.dispose]();
      recording[Symbol.dispose]();
    },
  });
}

Deno.test("a verdict is of the moment at which the command failed that the error tells of", async () => {
  const recording = await failedUnderFault();
  try {
    const text = textOf(recording);
    match(text, /That was 3\.000 s after the start of the run\. The test ended at 5\.000 s\./);
    match(
      text,
      /isolate node1 was in force from 1\.000 s on, until the test ended it at 3\.600 s\./,
    );
    match(text, /Under way at that moment .*fault isolate node1 since 0\.600 s, .* for 2\.40 s/);
    match(text, /The latest events before the end of the test .*healed: isolate node1/);
    const [test] = collectReport(recording.run).tests;
    deepStrictEqual(test!.ended.map(({ span }) => span.process), [7]);
  } finally {
    recording.end();
  }
});

Deno.test("a verdict is of the end of the test where no call is known that has failed", async () => {
  const recording = await failedUnderFault({ error: "AssertionError: no" });
  try {
    const text = textOf(recording);
    match(text, /That was 5\.000 s after the start of the run\./);
    doesNotMatch(text, /The test ended at/);
    deepStrictEqual(
      collectReport(recording.run).tests[0]!.ended.map(({ span }) => span.process),
      [9, 7],
    );
  } finally {
    recording.end();
  }
});

Deno.test("a verdict says of a fault that it was being made when the command failed", async () => {
  using clock = new FixedClock();
  using recording = await recordTest([]);
  const [started, ended] = command(7, { code: 1 });
  clock.pass(1000);
  for (const event of [started!, ended!]) recording.emit("a", event);
  clock.pass(200);
  recording.emit("a", { type: "fault-injected", ...FAULT });
  recording.test.end({ verdict: "failed", errors: [ERROR] });
  const text = textOf(recording);
  match(text, /isolate node1 was being made from 0\.800 s on\./);
  match(text, /fault isolate node1 since 0\.800 s, being made, for 200\.0 ms/);
  doesNotMatch(text, /in force/);
});

Deno.test("a fault's span says from when to when it was in force", async () => {
  const recording = await failedUnderFault();
  try {
    const { data } = collectReport(recording.run);
    const { start, settled, healing, end } = data.spans.find(({ kind }) => kind === "fault")!;
    deepStrictEqual([start, settled, healing, end], [600, 1000, 3600, 4000]);
  } finally {
    recording.end();
  }
});

Deno.test("a verdict's times lead to what they are told of", async () => {
  const recording = await failedUnderFault();
  try {
    const html = verdictHtml(collectReport(recording.run).tests).text;
    const links = [...html.matchAll(/<a href="#([^"]+)">([^<]+)<\/a>/g)]
      .map(([, hash, text]) => `${text} ${hash!.replaceAll("&#38;", "&")}`);
    const { folder } = recording.run.index.clusters[0]!;
    const lane = (node: string) => encodeURIComponent(`${folder}/${node}`);
    for (
      const link of [
        `3.000 s #t=3.000&node=${lane("node1")}&process=7`,
        `1.000 s #t=1.000&node=${lane("tests")}&kind=fault`,
        `3.600 s #t=3.600&node=${lane("tests")}&kind=fault`,
        `5.000 s #t=5.000&node=${lane("tests")}&kind=test`,
      ]
    ) strictEqual(links.includes(link.replace("#", "")), true, `${link} of ${links.join("\n")}`);
  } finally {
    recording.end();
  }
});

Deno.test("a verdict keeps the warnings of a process since its fault, whatever was written later", async () => {
  using clock = new FixedClock();
  using recording = await recordTest([]);
  const [started] = command(1, {});
  recording.emit("a", started!);
  const output = recording.process("a", "node1", 1);
  const info = (count: number) =>
    Array.from({ length: count }, (_, i) => `INFO: tick ${i}\n`).join("");
  output.take(written(`WARN: of before\n${info(3)}`));
  clock.pass(1000);
  recording.emit("a", { type: "fault-injected", ...FAULT, elapsed: 0 });
  clock.pass(500);
  output.take(written(`${info(4)}WARN: 7 stepped down\nWARN: 8 stepped down\n${info(30)}`));
  clock.pass(500);
  const error = "Error: no";
  recording.emit("a", { type: "test-ended", test: TEST, verdict: "failed", elapsed: 9, error });
  recording.test.end({ verdict: "failed", errors: [error] });
  const text = textOf(recording);
  match(text, /1\.500 WARN: 7 stepped down … 21 lines left out … 1\.500 INFO: tick 20 /);
  doesNotMatch(text, /of before/);
  doesNotMatch(text, /8 stepped down/);
});

Deno.test("a verdict says first what ended in the same way again and again", async () => {
  const many = Array.from({ length: 5 }, (_, i) => command(i + 2, { code: 2 })).flat();
  using recording = await recordTest(many);
  recording.test.end({ verdict: "failed", errors: ["Error: no"] });
  const text = textOf(recording);
  match(
    text,
    /On node1, grep ready ended with code 2, 5 times from 0\.\d+ s to 0\.\d+ s\. .*Run it/,
  );
});
