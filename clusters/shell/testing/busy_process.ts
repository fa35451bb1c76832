import { LocalHost } from "../../../agent/host/local_host.ts";
import { Screen } from "../../../agent/testing/screen.ts";
import { commandLines } from "../../guardian/testing/command_lines.ts";
import { jsonLines } from "../../docker/engine/json_lines.ts";
import type { BusyReport } from "./busy_runner.ts";

const RUNNER = new URL("./busy_runner.ts", import.meta.url).pathname;
const SHELL = new URL("../../../tasks/shell.ts", import.meta.url).pathname;
const FLAGS = ["run", "--allow-all", "--quiet", "--no-check"];

/** What a task said, and how it ended. */
export interface Said {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** A run whose test's thread is busy, in a place of its own, and terminals from which to look in. */
export class BusyProcess implements AsyncDisposable {
  /** The name of its cluster: other runs of this user may be listed as well. */
  readonly name: string;
  readonly report: BusyReport;
  /** The private folder of this user, as all of it sees it. */
  readonly folder: string;
  readonly #place: string;
  readonly #child: Deno.ChildProcess;
  readonly #desk: LocalHost;

  private constructor(
    report: BusyReport,
    parts: { name: string; place: string; child: Deno.ChildProcess; desk: LocalHost },
  ) {
    this.name = parts.name;
    this.report = report;
    this.#place = parts.place;
    this.folder = `${parts.place}/clustertest-${Deno.uid()}`;
    this.#child = parts.child;
    this.#desk = parts.desk;
  }

  /** Resolves once its nodes are there. */
  static async start(backend: "local" | "loopback"): Promise<BusyProcess> {
    const place = await Deno.makeTempDir({ dir: "/tmp", prefix: "ct-shell-" });
    const name = `busy${crypto.randomUUID().slice(0, 8)}`;
    const child = new Deno.Command(Deno.execPath(), {
      args: [...FLAGS, RUNNER, backend, name, `${place}/orders`],
      env: { CLUSTERTEST_NODES: place },
      cwd: place,
      stdin: "null",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    const messages = jsonLines<BusyReport>(child.stdout);
    const { value } = await messages.next();
    await messages.return(undefined);
    if (!value) throw new Error("The runner has ended early");
    const desk = await LocalHost.open({
      rootDir: `${place}/desk`,
      env: { PATH: Deno.env.get("PATH")!, HOME: place, CLUSTERTEST_NODES: place },
      marker: { DESK: crypto.randomUUID() },
    });
    const run = new BusyProcess(value, { name, place, child, desk });
    await run.#served();
    return run;
  }

  /** Waits until somebody serves shells on both nodes: the guardian takes a while to begin. */
  async #served(): Promise<void> {
    while ((await this.listed()).length < 2) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  /** Runs the task with a terminal. */
  async look(args: readonly string[]): Promise<Screen> {
    const env = { TERM: "dumb", DENO_DIR: denoDir() };
    return await Screen.open(this.#desk, [Deno.execPath(), ...FLAGS, SHELL, ...args], { env });
  }

  /** The names of its nodes that are listed. */
  async listed(): Promise<string[]> {
    const lines = (await this.task()).out.split("\n");
    const own = lines.filter((line) => line.startsWith(`${this.name}-`));
    return own.map((line) => line.replace(/^.*\/(\S+) .*$/, "$1"));
  }

  /** Runs the task without a terminal. */
  async task(...args: string[]): Promise<Said> {
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [...FLAGS, SHELL, ...args],
      env: { CLUSTERTEST_NODES: this.#place },
      stdin: "null",
    }).output();
    const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    return { code, out: text(stdout), err: text(stderr) };
  }

  /** Has it do something. */
  async order(what: "destroy" | "kill" | "start" | "rest" | "end"): Promise<void> {
    await Deno.writeTextFile(`${this.#place}/next`, what);
    await Deno.rename(`${this.#place}/next`, `${this.#place}/orders`);
  }

  /** Has it come to its end. */
  async end(): Promise<void> {
    await this.order("end");
    await this.#child.status;
  }

  /** Kills it, as `kill -9` does. */
  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#child.status;
  }

  /** Kills its guardian, so that nobody cleans up after it, and then it. */
  async killWithGuardian(): Promise<void> {
    // So that it does not start another one.
    this.#child.kill("SIGSTOP");
    for (const line of await this.guardians()) Deno.kill(parseInt(line), "SIGKILL");
    await this.kill();
  }

  /** The numbers and command lines of its guardians. */
  async guardians(): Promise<string[]> {
    const lines = await commandLines(["guardian/main.ts"]);
    const own = lines.map(async (line) => {
      const status = await Deno.readTextFile(`/proc/${parseInt(line)}/status`).catch(() => "");
      return status.includes(`PPid:\t${this.report.pid}\n`) ? [line] : [];
    });
    return (await Promise.all(own)).flat();
  }

  /** Does what a sweep of this machine does, in the place of this run. */
  async sweep(): Promise<void> {
    const sweep = new URL("../../../tasks/sweep.ts", import.meta.url).pathname;
    const { code } = await new Deno.Command(Deno.execPath(), {
      args: [...FLAGS, sweep, "--backend", "local"],
      env: { CLUSTERTEST_NODES: this.#place, XDG_STATE_HOME: this.#place },
      stdout: "null",
    }).output();
    if (code !== 0) throw new Error("The sweep has failed");
  }

  /** What there is in the private folder: folders of nodes, sockets. */
  async left(): Promise<string[]> {
    const entries = await Array.fromAsync(Deno.readDir(this.folder)).catch(() => []);
    return entries.map(({ name }) => name);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill().catch(() => {});
    await this.#desk[Symbol.asyncDispose]();
    for (;;) {
      try {
        return await Deno.remove(this.#place, { recursive: true });
      } catch {
        // Its guardian is just removing the same.
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
  }
}

/** Where modules were cached already: the home of the task is another one. */
function denoDir(): string {
  return Deno.env.get("DENO_DIR") ?? `${Deno.env.get("HOME")}/.cache/deno`;
}
