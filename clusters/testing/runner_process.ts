import { jsonLines } from "../docker/engine/json_lines.ts";
import type { RunnerMessage, RunnerPlan } from "./runner.ts";

/** A process that has a cluster. Disposing it kills what is left of it and of its guardian. */
export class RunnerProcess implements AsyncDisposable {
  #child: Deno.ChildProcess;
  #messages: AsyncGenerator<RunnerMessage>;

  /** Starts a runner; `env` is added to the environment of this process. */
  constructor(plan: RunnerPlan, env: Readonly<Record<string, string>> = {}) {
    const program = new URL("./runner.ts", import.meta.url).href;
    const config = new URL("../../deno.json", import.meta.url).pathname;
    this.#child = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-check", "--config", config, program, JSON.stringify(plan)],
      env,
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    this.#messages = jsonLines<RunnerMessage>(this.#child.stdout);
  }

  /** Resolves to the id of the cluster, once that is there. */
  async cluster(): Promise<string> {
    return (await this.clusterAndRun()).cluster;
  }

  /** The same, with the id of the run. */
  async clusterAndRun(): Promise<{ readonly cluster: string; readonly run: string }> {
    const message = await this.#next();
    if ("cluster" in message) return message;
    throw new TypeError(`Cannot read the id of a cluster: ${JSON.stringify(message)}`);
  }

  /** Resolves to what a command says on each node, once they are there. */
  async outputs(): Promise<readonly string[]> {
    const message = await this.#next();
    if ("outputs" in message) return message.outputs;
    throw new TypeError(`Cannot read outputs: ${JSON.stringify(message)}`);
  }

  /** Has it dispose of its cluster, and resolves to whether all went well. */
  async end(): Promise<boolean> {
    await this.#child.stdin.close();
    return (await this.#child.status).success;
  }

  /** Kills it, as `kill -9` does. */
  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#child.status;
  }

  /** Kills its guardian, and then it. */
  async killWithGuardian(): Promise<void> {
    // So that it does not start another one.
    this.#child.kill("SIGSTOP");
    for (const pid of await guardiansOf(this.#child.pid)) Deno.kill(pid, "SIGKILL");
    await this.kill();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.killWithGuardian();
    } catch {
      // It has ended.
    }
    await this.#child.stdin.abort().catch(() => {});
    await this.#messages.return(undefined);
  }

  async #next(): Promise<RunnerMessage> {
    const { value, done } = await this.#messages.next();
    if (!done) return value;
    throw new Error(`The runner ended with exit code ${(await this.#child.status).code}`);
  }
}

/** What a process has of itself to tell: nothing when it has just ended. */
async function ofProcess(path: string): Promise<string> {
  return await Deno.readTextFile(`/proc/${path}`).catch(() => "");
}

/** The processes that a runner has started to clean up after it. */
async function guardiansOf(pid: number): Promise<number[]> {
  const found: number[] = [];
  for await (const { name } of Deno.readDir(`/proc/${pid}/task`)) {
    const children = await ofProcess(`${pid}/task/${name}/children`);
    for (const child of children.split(" ").filter((each) => each !== "").map(Number)) {
      const command = await ofProcess(`${child}/cmdline`);
      if (command.includes("guardian")) found.push(child);
    }
  }
  return found;
}
