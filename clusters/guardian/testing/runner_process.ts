import { awaitState, commandLines, pause } from "./command_lines.ts";
import { REPORT_FILE, type RunnerPlan, type RunnerReport } from "./occupy_node.ts";
import { removeFolder } from "../../testing/remove_folder.ts";

/** Milliseconds in which the kernel ends what was killed, on a busy machine. */
const KILL_TIMEOUT = 20_000;

/** How a runner is started. */
export interface RunnerOptions extends Omit<RunnerPlan, "command"> {
  /** `test`: by `deno test`. @default "run" */
  readonly by?: "run" | "test" | undefined;
}

/** A runner that was started, and has not said anything yet. */
interface StartedRunner {
  readonly child: Deno.ChildProcess;
  readonly command: string;
  /** Where it runs, and puts its report and its records. */
  readonly dir: string;
}

/**
 * A process that has a busy node. It is in a group of its own, so that it can be interrupted as by a
 * terminal. Disposing it kills whatever is left of it. Linux only.
 */
export class RunnerProcess implements AsyncDisposable {
  /** What it said. */
  readonly report: RunnerReport;
  readonly #started: StartedRunner;

  private constructor(started: StartedRunner, report: RunnerReport) {
    this.#started = started;
    this.report = report;
  }

  /** Resolves once all processes of its node are there. */
  static async start({ by = "run", ...plan }: RunnerOptions): Promise<RunnerProcess> {
    const command = `sleep 1000.${crypto.getRandomValues(new Uint32Array(1))[0]! + 1e10}`;
    const dir = await Deno.makeTempDir({ prefix: "clustertest-runner-" });
    const started = { child: startProgram(by, { ...plan, command }, dir), command, dir };
    return new RunnerProcess(started, await reportOf(started));
  }

  /** Where it runs, and puts its records. */
  get dir(): string {
    return this.#started.dir;
  }

  /** How it ended, once it has. */
  get status(): Promise<Deno.CommandStatus> {
    return this.#started.child.status;
  }

  /** Kills it, and waits for its end. */
  async kill(): Promise<void> {
    this.#started.child.kill("SIGKILL");
    await this.status;
  }

  /** Does what Ctrl-C does on a terminal, and waits for its end. */
  async interrupt(): Promise<void> {
    Deno.kill(-this.#started.child.pid, "SIGINT");
    await this.status;
  }

  /** Its guardians: there should be one. */
  async guardians(): Promise<number[]> {
    const lines = await commandLines([`guardian/main.ts ${this.report.run}`]);
    return lines.map((line) => parseInt(line));
  }

  /** Kills its guardian, and then it; waits for the ends of both. */
  async killWithGuardian(): Promise<void> {
    const guardians = async () => (await this.guardians()).map(String);
    const [guardian, ...others] = await this.guardians();
    if (!guardian || others.length > 0) throw new Error("The run does not have one guardian");
    // So that it does not start another one.
    this.#started.child.kill("SIGSTOP");
    Deno.kill(guardian, "SIGKILL");
    await this.kill();
    await awaitState(guardians, (lines) => lines.length === 0, KILL_TIMEOUT);
  }

  /** The processes, its guardian included, and folders of its run, a line each. */
  async leftOvers(): Promise<string[]> {
    const { folder } = this.report;
    const isThere = await Deno.lstat(folder).then(() => true, () => false);
    return [...await this.#processes(), ...isThere ? [folder] : []];
  }

  /** Waits until no process is left, though its folder may be. */
  async awaitNoProcess({ within }: { within: number }): Promise<void> {
    await awaitState(() => this.#processes(), (lines) => lines.length === 0, within);
  }

  #processes(): Promise<string[]> {
    return commandLines([this.#started.command, this.report.run]);
  }

  /** Waits until nothing is left; throws, and says what is, after some milliseconds. */
  async awaitNothing({ within }: { within: number }): Promise<void> {
    await awaitState(() => this.leftOvers(), (lines) => lines.length === 0, within);
  }

  /** Kills what is left, whatever the guardian does. */
  async [Symbol.asyncDispose](): Promise<void> {
    const { child, command, dir } = this.#started;
    // First, so that it starts no other guardian.
    killQuietly(child.pid);
    for (const line of await commandLines([command, this.report.run])) killQuietly(parseInt(line));
    await child.status;
    await Deno.remove(this.report.folder, { recursive: true }).catch(() => {});
    await removeFolder(dir);
  }
}

function startProgram(by: "run" | "test", plan: RunnerPlan, dir: string): Deno.ChildProcess {
  const program = by === "run" ? "./runner.ts" : "./tested_runner.ts";
  const config = new URL("../../../deno.json", import.meta.url).pathname;
  const options = ["--allow-all", "--quiet", "--no-check", "--config", config];
  const file = new URL(program, import.meta.url).pathname;
  return new Deno.Command(Deno.execPath(), {
    args: [by, ...options, file],
    // Not as an argument: the runner is none of the processes that have the command in theirs.
    env: { RUNNER_PLAN: JSON.stringify(plan) },
    cwd: dir,
    detached: true,
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
}

/** Waits for the report of a runner; throws when that ends without one. */
async function reportOf({ child, dir }: StartedRunner): Promise<RunnerReport> {
  let hasEnded = false;
  const ended = child.status.then(() => void (hasEnded = true));
  for (;;) {
    // It may end as soon as it has said so: only a look after its end is the last one.
    const isLast = hasEnded;
    const text = await Deno.readTextFile(`${dir}/${REPORT_FILE}`).catch(() => undefined);
    if (text !== undefined) return JSON.parse(text);
    if (isLast) throw new Error("The runner has ended early");
    await Promise.race([ended, pause()]);
  }
}

function killQuietly(pid: number): void {
  try {
    Deno.kill(pid, "SIGKILL");
  } catch {
    // It has ended.
  }
}
