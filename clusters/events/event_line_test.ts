import { strictEqual } from "node:assert/strict";
import { eventLine } from "./event_line.ts";

const base = { time: 0, cluster: "c-1" };
const estimate = {
  ...base,
  type: "cost-estimated",
  instances: 10,
  instanceType: "t3.small",
} as const;
const sum = { ...base, type: "cost-incurred", instances: 2, hours: 3 } as const;
const command = {
  ...base,
  type: "command-started",
  node: "node1",
  process: "process1",
  pid: 7,
} as const;

const fault = { ...base, fault: "fault1", action: "partition a from b", elapsed: 12.34 } as const;
const machines = [{ node: "a", quantity: "free", measured: 5, atLeast: 1, atMost: null }] as const;
const proof = { checks: [], links: 0, checkedLinks: 0, elapsed: 1 } as const;

const wait = { ...base, node: "a", call: "node.waitForPort(80)", elapsed: 12.34 } as const;

const lines = [
  [
    eventLine({ ...wait, type: "wait-ended", tries: 1 }),
    "a was waited for 12.3 ms, 1 try: node.waitForPort(80)",
  ],
  [
    eventLine({ ...base, call: "eventually(check)", elapsed: 5, type: "wait-ended", tries: 2 }),
    "waited 5.0 ms, 2 tries: eventually(check)",
  ],
  [
    eventLine({ ...base, call: "eventually(check)", type: "wait-started" }),
    "waiting: eventually(check)",
  ],
  [
    eventLine({ ...wait, type: "wait-ended", tries: 2, error: "it died" }),
    "a was waited for 12.3 ms, 2 tries: node.waitForPort(80), and failed: it died",
  ],
  [
    eventLine({ ...fault, type: "fault-injected" }),
    "fault: partition a from b, after 12.3 ms",
  ],
  [
    eventLine({ ...fault, type: "fault-healed", proof: { ...proof, machines } }),
    "healed: partition a from b, after 12.3 ms, shown by 1 check",
  ],
  [
    eventLine({ ...fault, type: "fault-healed", proof, error: "Cannot heal what was done" }),
    "Cannot heal what was done",
  ],
  [
    eventLine({
      ...command,
      ...{ type: "command-ended", command: ["db"], code: 137, signal: "SIGKILL", elapsed: 1 },
      ...{ outOfMemory: true, stdout: "", stderr: "" },
    }),
    "node1 ended db with SIGKILL, since the kernel ran out of memory for it, after 1.0 ms",
  ],
  [
    eventLine({ ...estimate, hourly: 0.208, priceListDate: "2020-02-29" }),
    "10 × t3.small will cost about $0.2080 per hour, by prices of 2020-02-29",
  ],
  [
    eventLine({ ...estimate, hourly: 12, priceListDate: undefined }),
    "10 × t3.small will cost about $12.00 per hour",
  ],
  [
    eventLine({ ...estimate, hourly: undefined, priceListDate: undefined }),
    "10 × t3.small will cost an unknown amount per hour",
  ],
  [
    eventLine({ ...sum, cost: 1.5, priceListDate: "2020-02-29" }),
    "used 3.00 instance-hours on 2 instances, for about $1.50, by prices of 2020-02-29",
  ],
  [
    eventLine({ ...command, command: ["initdb", "-D", "data"], user: "postgres" }),
    "node1 runs initdb -D data as postgres",
  ],
  [eventLine({ ...command, command: ["true"] }), "node1 runs true"],
] as const;

for (const [line, expected] of lines) {
  Deno.test(`eventLine() says "${expected}"`, () => strictEqual(line, expected));
}
