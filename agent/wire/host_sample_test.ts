import { deepStrictEqual, throws } from "node:assert/strict";
import { hostSample, hostSamples } from "./host_sample.ts";

const SAMPLE = {
  time: 1,
  scope: "container",
  cores: 0.5,
  processes: [{ pid: 7, cpu: 0, memory: 1 }],
};

Deno.test("hostSample() takes what is known, and hostSamples() as many as may come together", () => {
  deepStrictEqual(hostSample(SAMPLE, "it"), SAMPLE);
  const whole = { ...SAMPLE, memoryLimit: 1, cpu: 1.5, memory: 1, received: 1, sent: 1, load: 0.1 };
  deepStrictEqual(hostSample(whole, "it"), whole);
  deepStrictEqual(hostSamples([SAMPLE, SAMPLE], "it"), [SAMPLE, SAMPLE]);
});

/** What an agent may send that is no sample. */
const REFUSED: Readonly<Record<string, unknown>> = {
  "nothing": undefined,
  "a list": [],
  "an unknown member": { ...SAMPLE, more: 1 },
  "an unknown scope": { ...SAMPLE, scope: "moon" },
  "no time": { ...SAMPLE, time: undefined },
  "a time that is no number": { ...SAMPLE, time: "1" },
  "less than nothing": { ...SAMPLE, memory: -1 },
  "what is not finite": { ...SAMPLE, cpu: Infinity },
  "no processes": { ...SAMPLE, processes: undefined },
  "a process without a number": { ...SAMPLE, processes: [{ cpu: 0, memory: 1 }] },
  "too many processes": { ...SAMPLE, processes: Array(10_001).fill(SAMPLE.processes[0]) },
};

for (const [what, sample] of Object.entries(REFUSED)) {
  Deno.test(`hostSample() refuses ${what}`, () => {
    throws(() => hostSample(sample, "the sample"), TypeError);
    throws(() => hostSamples([sample], "the samples"), TypeError);
  });
}
