import { deepStrictEqual, strictEqual } from "node:assert/strict";
import type { ContainerStatus, PodStatus } from "./pod.ts";
import {
  asksForNoCpu,
  hopeless,
  isScheduled,
  lossOf,
  runs,
  sidecarEnd,
  unscheduled,
} from "./pod_state.ts";

function podWith(status: PodStatus, deletionTimestamp?: string) {
  return { metadata: { name: "p", ...deletionTimestamp && { deletionTimestamp } }, status };
}

const terminated = (exitCode: number, reason = "Error", message?: string): PodStatus => ({
  phase: "Failed",
  containerStatuses: [{
    name: "node",
    state: { terminated: { exitCode, reason, ...message && { message } } },
  }],
});

const losses: [string, PodStatus, string][] = [
  ["a lease that has ended", terminated(3), "its agent heard nothing from the test for as long as"],
  [
    "a want of memory",
    terminated(137, "OOMKilled"),
    "its container was killed because it needed more memory than its limit of 128m allows",
  ],
  ["a kill", terminated(137), "its container was ended by SIGKILL (exit code 137)"],
  [
    "an eviction",
    { ...terminated(143), reason: "Evicted", message: "The node was low on resource: memory. " },
    "its pod was evicted from its machine: The node was low on resource: memory. (Evicted)",
  ],
  [
    "the end of its life",
    { phase: "Failed", reason: "DeadlineExceeded", message: "Pod was active too long" },
    "its pod has come to the end of the longest life that it may have",
  ],
  [
    "a machine that takes no pods",
    { phase: "Failed", reason: "OutOfpods" },
    "its pod has failed: OutOfpods",
  ],
  [
    "a program that is not there",
    terminated(127, "ContainerCannotRun", "exec: not found"),
    "its container cannot start: exec: not found (ContainerCannotRun)",
  ],
];

for (const [what, status, summary] of losses) {
  Deno.test(`lossOf() explains ${what}`, () => {
    const found = lossOf(podWith(status), "128m")!.summary;
    strictEqual(found.slice(0, summary.length), summary);
  });
}

Deno.test("lossOf() knows that a pod is about to go, and why where the server says it", () => {
  const { summary } = lossOf(podWith({ phase: "Running" }, "2026-01-01T00:00:00Z"), undefined)!;
  strictEqual(summary, "its pod is being deleted");
  const conditions = [{
    type: "DisruptionTarget",
    status: "True",
    reason: "PreemptionByScheduler",
    message: "default-scheduler: preempting to accommodate a higher priority pod",
  }] as const;
  strictEqual(
    lossOf(podWith({ phase: "Running", conditions }, "2026-01-01T00:00:00Z"), undefined)!.summary,
    "its pod is being deleted: default-scheduler: preempting to accommodate a higher priority pod " +
      "(PreemptionByScheduler)",
  );
  strictEqual(lossOf("gone", undefined)!.summary, "its pod was deleted");
});

Deno.test("lossOf() finds nothing wrong with a pod that begins, or runs", () => {
  strictEqual(lossOf(undefined, undefined), undefined);
  const waiting = [{ name: "node", state: { waiting: { reason: "PodInitializing" } } }];
  const pod = podWith({ phase: "Pending", containerStatuses: waiting });
  strictEqual(lossOf(pod, undefined), undefined);
  strictEqual(hopeless(pod, undefined), undefined);
  strictEqual(runs(pod, "node"), false);
});

Deno.test("hopeless() names the container that cannot start, and quotes why", () => {
  const reason = { reason: "ErrImagePull", message: "no such host" };
  const pod = podWith({ containerStatuses: [{ name: "node", state: { waiting: reason } }] });
  strictEqual(hopeless(pod, undefined), "its container cannot start: no such host (ErrImagePull)");
  const helper = podWith({
    containerStatuses: [{ name: "clustertest-agent", state: { waiting: reason } }],
  });
  strictEqual(
    hopeless(helper, undefined),
    'its container "clustertest-agent" cannot start: no such host (ErrImagePull)',
  );
});

Deno.test("lossOf() blames the helper when the container of the node has found no agent", () => {
  const noAgent = { exitCode: 127, reason: "ContainerCannotRun", message: "no such file" };
  const podAfter = (helper: NonNullable<ContainerStatus["state"]>) =>
    podWith({
      containerStatuses: [
        { name: "node", state: { terminated: noAgent } },
        { name: "clustertest-agent", state: helper },
      ],
    });
  const summaries = [
    { terminated: { exitCode: 75 } },
    { waiting: { reason: "ErrImagePull", message: "no such host" } },
    { terminated: { exitCode: 127, reason: "ContainerCannotRun", message: "no sh" } },
    { running: {} },
  ].map((helper) => lossOf(podAfter(helper), undefined)!.summary);
  deepStrictEqual(summaries, [
    'its container "clustertest-agent" ended with exit code 75: Error',
    'its container "clustertest-agent" cannot start: no such host (ErrImagePull)',
    'its container "clustertest-agent" cannot start: no sh (ContainerCannotRun)',
    "its container cannot start: no such file (ContainerCannotRun)",
  ]);
});

Deno.test("a node is not lost with the helper that has brought its agent", () => {
  const pod = podWith({
    containerStatuses: [
      { name: "node", state: { running: {} } },
      { name: "clustertest-agent", state: { terminated: { exitCode: 137 } } },
    ],
  });
  strictEqual(lossOf(pod, undefined), undefined);
});

Deno.test("unscheduled() has the scheduler's own words", () => {
  const message = "0/1 nodes are available: 1 Insufficient cpu.";
  const pod = podWith({ conditions: [{ type: "PodScheduled", status: "False", message }] });
  strictEqual(unscheduled(pod), message);
  strictEqual(isScheduled(pod), false);
});

Deno.test("a node is not lost with what is beside it, and that is not there any more", () => {
  const end = (terminated: { exitCode: number; reason?: string; message?: string }) =>
    podWith({
      phase: "Running",
      containerStatuses: [
        { name: "node", state: { running: {} } },
        { name: "clustertest-faults", state: { terminated } },
      ],
    });
  const refused = { exitCode: 128, reason: "ContainerCannotRun", message: "not permitted" };
  for (const pod of [end({ exitCode: 1 }), end(refused)]) {
    strictEqual(lossOf(pod, undefined), undefined);
  }
  strictEqual(
    sidecarEnd(end(refused)),
    'its container "clustertest-faults" ended with exit code 128, and those of a pod do not start ' +
      "again: not permitted (ContainerCannotRun)",
  );
  const running = podWith({ containerStatuses: [{ name: "node", state: { running: {} } }] });
  strictEqual(sidecarEnd(running), undefined);
  strictEqual(sidecarEnd("gone"), "its pod was deleted");
});

Deno.test("asksForNoCpu() knows whether something is reserved for a node, whoever asked for it", () => {
  const pod = (requests?: { cpu?: string; memory?: string }) => ({
    metadata: { name: "p" },
    spec: {
      containers: [
        { name: "clustertest-seed", resources: { requests: { cpu: "1m" } } },
        { name: "node", resources: requests && { requests } },
      ],
    },
  });
  const found = [undefined, "gone", pod(), pod({ memory: "1" }), pod({ cpu: "1m" })] as const;
  strictEqual(found.map(asksForNoCpu).join(), "false,false,true,true,false");
});
