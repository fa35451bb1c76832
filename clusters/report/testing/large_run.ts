import { join } from "node:path";
import type { EventDetail } from "../../events/mod.ts";
import { Recording } from "../../runs/testing/recording.ts";

/** Samples of what each node used: those of an hour are thinned. */
const SAMPLES = 100;

/** How large a run is. */
export interface LargeRunOptions {
  readonly nodes: number;
  readonly lines: number;
  /** Milliseconds that it took. */
  readonly duration: number;
}

/** Records a run in which every node had a process that wrote, and many short ones. */
export async function recordLargeRun(
  recording: Recording,
  { nodes, lines, duration }: LargeRunOptions,
): Promise<string> {
  recording.emit("large", { type: "cluster-created", backend: "local", name: "store" });
  const folder = recording.folderOf("large");
  const started = Date.now();
  const events: { readonly time: number; readonly event: EventDetail }[] = [];
  const times: string[] = [];
  for (let i = 1; i <= nodes; i++) {
    const node = `node${i}`;
    events.push({ time: 0, event: { type: "node-ready", node, id: node, address: "127.0.0.1" } });
    for (let j = 0; j < 20; j++) {
      const about = { node, process: `process${i * 100 + j}`, command: ["server", `--part=${j}`] };
      const time = j === 0 ? 0 : duration * j / 20;
      events.push({ time, event: { type: "command-started", ...about, pid: j + 1 } });
      if (j === 0) continue;
      const end = {
        code: j % 7 === 0 ? 1 : 0,
        signal: null,
        stdout: "",
        stderr: "",
        elapsed: 1000,
      };
      events.push({ time: time + 1000, event: { type: "command-ended", ...about, ...end } });
    }
    await recordMetrics(folder, { node, started, duration });
    const each = Math.ceil(lines / nodes);
    const text = Array.from(
      { length: each },
      (_, j) => `line ${j} of ${node}: ${"x".repeat(60)}\n`,
    );
    await Deno.mkdir(join(folder, "output", node), { recursive: true });
    await Deno.writeTextFile(
      join(folder, "output", node, `${i * 100}-server.stdout`),
      text.join(""),
    );
    let offset = 0;
    for (const [j, line] of text.entries()) {
      times.push(JSON.stringify([started + duration * j / each, node, i * 100, "stdout", offset]));
      offset += line.length;
    }
  }
  const shown = events.sort((a, b) => a.time - b.time)
    .map(({ time, event }) => JSON.stringify({ time: started + time, cluster: "large", ...event }));
  await Deno.writeTextFile(join(folder, "events.jsonl"), `${shown.join("\n")}\n`);
  await Deno.writeTextFile(join(folder, "output.jsonl"), `${times.join("\n")}\n`);
  return recording.run.folder;
}

/** What a node used, at regular times. */
async function recordMetrics(
  folder: string,
  { node, started, duration }: {
    readonly node: string;
    readonly started: number;
    readonly duration: number;
  },
): Promise<void> {
  const step = duration / SAMPLES;
  const samples = Array.from(
    { length: SAMPLES },
    (_, i) =>
      JSON.stringify([started + i * step, 400 + i, 1e8 + i, 9, 9, 1, 1, 4096, 0, 30, 1.5, []]),
  );
  await Deno.mkdir(join(folder, "metrics"), { recursive: true });
  const lines = ['{"metrics":1,"scope":"container","cores":2}', ...samples];
  await Deno.writeTextFile(join(folder, "metrics", `${node}.jsonl`), `${lines.join("\n")}\n`);
}
