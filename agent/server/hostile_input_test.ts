import assert from "node:assert/strict";
import fc from "fast-check";
import { frugalEnvironment } from "../build/agent_environment.ts";
import type { Host } from "../host/host.ts";
import { findStrays } from "../host/stray_processes.ts";
import { openHost, startEnrolled } from "../testing/connected_agent.ts";
import { acts, endings, firstHello, requests } from "../testing/hostile_requests.ts";
import { playRequest, playSession } from "../testing/hostile_runner.ts";
import { type ProcessUsage, usageOf } from "../testing/process_usage.ts";
import { testSeed } from "../testing/seed.ts";

/** Milliseconds for which requests are made up. */
const TIME = 10_000;

/** Cases between two looks at the time. */
const BATCH = 10;

/** Cases after which caches are warm and code is compiled. */
const WARM_UP = 10;

/** Bytes by which memory may differ from what it was: collections come when they like. */
const SLACK = 128 * 1024 * 1024;

const cases = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ hello: firstHello, acts, ending: endings }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ bytes: requests, tls: fc.boolean(), ending: endings }),
  },
);

Deno.test({
  name: "an agent stays up and leaks nothing whatever it is sent, and others notice nothing",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    const marker = { CLUSTERTEST_NODE: crypto.randomUUID() };
    await using enrolled = await startEnrolled({
      args: ["--confine", "--lease", "600"],
      // Garbage that was not collected yet looks like a leak.
      env: { ...marker, ...frugalEnvironment },
    });
    await using host = await openHost(enrolled);
    const { pid } = enrolled.agent;
    // What an agent opens with its first process stays open.
    {
      await using first = await host.processes.start({ command: "true", args: [] });
      assert.ok((await first.status).success);
    }
    const controller = new AbortController();
    const beside = useWell(host, controller.signal);
    let before: ProcessUsage | undefined;
    let count = 0;
    const property = fc.asyncProperty(cases, async (each) => {
      if (count++ === WARM_UP) before = await usageOf(pid);
      if ("bytes" in each) await playRequest(enrolled, each);
      else await playSession(enrolled, each);
    });
    const seed = testSeed("hostile input");
    const until = performance.now() + TIME;
    try {
      for (let batch = 0; performance.now() < until || !before; batch++) {
        await fc.assert(property, { seed: seed + batch, numRuns: BATCH, endOnFailure: true });
      }
    } finally {
      controller.abort();
    }
    assert.ok(await beside > 0);
    await settled({ pid, marker, before: before! });
  },
});

/** What an ordinary test does, again and again. Resolves to how often. */
async function useWell(host: Host, signal: AbortSignal): Promise<number> {
  for (let round = 0;; round++) {
    if (signal.aborted) return round;
    await using child = await host.processes.start({
      command: "cat",
      args: [],
      cwd: "/",
      stdin: "piped",
      stdout: "piped",
    });
    const writer = child.stdin.getWriter();
    await writer.write(new TextEncoder().encode(`round ${round}`));
    await writer.close();
    assert.equal(await new Response(child.stdout).text(), `round ${round}`);
    assert.ok((await child.status).success);
  }
}

/** What is looked at in the end. */
interface TestedAgent {
  readonly pid: number;
  /** The agent has it in its environment, and so has every process that it starts. */
  readonly marker: Readonly<Record<string, string>>;
  readonly before: ProcessUsage;
}

/** Waits until everything is closed again and has ended, and looks at what is left. */
async function settled({ pid, marker, before }: TestedAgent): Promise<void> {
  const signal = AbortSignal.timeout(20_000);
  const look = async () => ({ now: await usageOf(pid), processes: await findStrays({ marker }) });
  const isOver = ({ now, processes }: Awaited<ReturnType<typeof look>>) =>
    now.openFiles <= before.openFiles && processes.length === 1;
  let left = await look();
  while (!isOver(left) && !signal.aborted) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    left = await look();
  }
  const { now, processes } = left;
  assert.deepEqual(processes, [pid]);
  assert.ok(now.openFiles <= before.openFiles, `${before.openFiles} files, then ${now.openFiles}`);
  assert.ok(
    now.resident <= before.resident + SLACK,
    `${before.resident} bytes, then ${now.resident}`,
  );
}
