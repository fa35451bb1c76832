import type { Process } from "../process/mod.ts";
import { type Activity, repeated, type Stage } from "./activity.ts";

/** The programs that these need. */
export const ACTIVITY_PROGRAMS: readonly string[] = ["sh", "sleep", "mkfifo"];

/** Writes a line, then does nothing for ever. */
const SPEAK_AND_SLEEP = ["-c", "echo begun; exec sleep 1000"];

/** Holds the pipe `$1` open for writing, and says so once another process reads it. */
const HOLD_PIPE = 'exec 3> "$1"; echo x >&3; echo begun; exec sleep 1000';

/** Begins to read a named pipe of the node, to which nothing more is written. */
async function pipeReader<T>(
  { node, dir, stack, begun }: Stage,
  read: (path: string) => Promise<T>,
): Promise<T> {
  const path = `${dir}/pipe`;
  await node.run("mkfifo", [path]);
  const reading = read(path);
  const holding = node.spawn("sh", ["-c", HOLD_PIPE, "sh", path], { stdout: "piped" });
  // Nothing of it is waited for here: what the node's end ends is the reading.
  holding.then(async (process) => {
    stack.use(process);
    await process.stdout.getReader().read();
    begun();
  }).catch(() => {});
  return await reading;
}

/** Waits until a file has been made on the node. */
async function untilThere({ node }: Stage, path: string): Promise<void> {
  while (await node.stat(path).then(() => false, () => true));
}

/** Calls that take a signal and would never end, and need programs. */
export const commandActivities: Readonly<Record<string, Activity>> = {
  "readFile() of a pipe": (stage) =>
    pipeReader(stage, (path) => stage.node.readFile(path, { signal: stage.signal })),
  "readTextFile() of a pipe": (stage) =>
    pipeReader(stage, (path) => stage.node.readTextFile(path, { signal: stage.signal })),
  async "run()"(stage) {
    const { node, dir, signal, begun } = stage;
    const script = `echo last words; : > ${dir}/begun; exec sleep 1000`;
    const running = node.run("sh", ["-c", script], { signal });
    untilThere(stage, `${dir}/begun`).then(begun, () => {});
    return await running;
  },
  async "waitForOutput()"(stage) {
    const { signal, begun } = stage;
    const waiting = (await begunProcess(stage)).waitForOutput("never", { signal });
    begun();
    return await waiting;
  },
  async "run() with input that nobody reads"(stage) {
    const { node, signal, begun } = stage;
    let pulls = 0;
    const input = new ReadableStream<Uint8Array>({
      pull(controller) {
        if (++pulls === 2) begun();
        controller.enqueue(new Uint8Array(64 * 1024));
      },
    }, { highWaterMark: 0 });
    return await node.run("sleep", ["1000"], { input, signal });
  },
};

/** Starts a process that has begun by the time that this resolves. */
async function begunProcess(
  { node, stack }: Stage,
  options: { stdin?: "piped" } = {},
): Promise<Process> {
  const process = stack.use(await node.spawn("sh", SPEAK_AND_SLEEP, options));
  while ((await process.log()).stdout === "") await new Promise((go) => setTimeout(go));
  return process;
}

/** What goes on with processes, and with what they hold open, without a signal of its own. */
export const processActivities: Readonly<Record<string, Activity>> = {
  async "status of a process"(stage) {
    const { status } = await begunProcess(stage);
    stage.begun();
    return await status;
  },
  async "stdout of a process, after its log"(stage) {
    const reader = (await begunProcess(stage)).stdout.getReader();
    await reader.read();
    stage.begun();
    return await reader.read();
  },
  async "waitForOutput() without end"(stage) {
    const process = await begunProcess(stage);
    const waiting = process.waitForOutput("never", { timeout: Infinity });
    stage.begun();
    return await waiting;
  },
  async "lines of a process"(stage) {
    const lines = (await begunProcess(stage)).lines();
    await lines.next();
    const next = lines.next();
    stage.begun();
    return await next;
  },
  async "stderr of a process"(stage) {
    const { stderr } = await begunProcess(stage);
    const reading = stderr.text();
    stage.begun();
    return await reading;
  },
  async "stdin of a process that reads nothing"(stage) {
    const writer = (await begunProcess(stage, { stdin: "piped" })).stdin.getWriter();
    return await repeated(() => writer.write(new Uint8Array(64 * 1024)), stage.begun);
  },
  async "log() of a process, again and again"(stage) {
    const process = await begunProcess(stage);
    return await repeated(() => process.log(), stage.begun);
  },
  async "kill() of a process, again and again"(stage) {
    const process = await begunProcess(stage);
    return await repeated(() => process.kill("SIGCONT"), stage.begun);
  },
  "read() of an open pipe": (stage) =>
    pipeReader(stage, async (path) => {
      const file = stage.stack.use(await stage.node.open(path));
      await file.read(new Uint8Array(100));
      return await file.read(new Uint8Array(1));
    }),
};
