import { join } from "node:path";
import { eventually } from "../../waiting/mod.ts";
import { removeFolder } from "../../testing/remove_folder.ts";
import { readIndex, type RunIndex } from "../../record/run_index.ts";

/** The repository, whose configuration says what the package's name stands for. */
const ROOT = new URL("../../../", import.meta.url);

/** What a run of tests has said, and what is recorded of it. */
export interface TestsEnd {
  readonly code: number;
  /** Standard output and errors. */
  readonly output: string;
  readonly index: RunIndex;
}

/** A folder with test files, as an author of tests has it. Disposing it removes it. */
export class TestProject implements AsyncDisposable {
  readonly dir: string;
  readonly #env: Readonly<Record<string, string>>;

  private constructor(dir: string, env: Readonly<Record<string, string>>) {
    this.dir = dir;
    this.#env = env;
  }

  /** Makes a folder with these files, by their names. `env` is added to what tests have. */
  static async create(
    files: Readonly<Record<string, string>>,
    env: Readonly<Record<string, string>> = {},
  ): Promise<TestProject> {
    const dir = await Deno.makeTempDir({ prefix: "clustertest-project-" });
    const project = new TestProject(dir, env);
    for (const [name, code] of Object.entries(files)) await project.write(name, code);
    return project;
  }

  /** Writes a file, behind the imports that every test needs. */
  async write(name: string, code: string): Promise<void> {
    const imports = `import { Cluster, clusterTest } from "@clustertest/clustertest";
import { strictEqual } from "node:assert/strict";
`;
    await Deno.writeTextFile(join(this.dir, name), `${imports}${code}`);
  }

  /** Runs `deno test` on all of it. */
  async test(...args: string[]): Promise<TestsEnd> {
    await using running = this.start(...args);
    return await running.end();
  }

  /** Starts `deno test` there, with the sanitizers on, on the files that `args` name, or on all. */
  start(...args: string[]): RunningTests {
    const config = new URL("deno.json", ROOT).pathname;
    const all = args.some((each) => each.endsWith(".ts")) ? [] : [this.dir];
    return this.#run(["test", "--allow-all", "--no-check", "--config", config, ...args, ...all]);
  }

  /** The folder of the one run that is recorded there. */
  async run(): Promise<string> {
    const runs = join(this.dir, ".clustertest/runs");
    const entries = await Array.fromAsync(Deno.readDir(runs));
    return join(runs, entries.find(({ isDirectory }) => isDirectory)!.name);
  }

  /** Runs Vitest on all of it, with a `clustertest.ts`. In its configuration `MODULES` stands for its folder. */
  async vitest(vitest: string, configuration: string): Promise<TestsEnd> {
    const config = join(this.dir, "vitest.config.mjs");
    await Deno.writeTextFile(config, configuration.replace("MODULES", this.dir));
    const module = join(this.dir, "clustertest.ts");
    await Deno.writeTextFile(module, 'export * from "@clustertest/clustertest";\n');
    await Deno.writeTextFile(join(this.dir, "deno.json"), JSON.stringify(await denoConfig(vitest)));
    // Processes of its own would not know of deno.json.
    const args = [vitest, "run", "--pool=threads"];
    await using running = this.#run(["run", "--allow-all", "--no-lock", ...args]);
    return await running.end();
  }

  #run(args: readonly string[]): RunningTests {
    const child = new Deno.Command(Deno.execPath(), {
      args: [...args],
      cwd: this.dir,
      env: { NO_COLOR: "1", CLUSTERTEST_BACKEND: "local", CLUSTERTEST_PROGRESS: "", ...this.#env },
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    return new RunningTests(child, this.dir);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await removeFolder(this.dir);
  }
}

/** The package's imports, for a folder elsewhere. */
async function denoConfig(vitest: string): Promise<object> {
  const { imports } = JSON.parse(await Deno.readTextFile(new URL("deno.json", ROOT)));
  const entries = Object.entries(imports as Record<string, string>).map(([name, target]) =>
    [name, target.startsWith("./") ? new URL(target, ROOT).href : target] as const
  );
  return { nodeModulesDir: "none", imports: { ...Object.fromEntries(entries), vitest } };
}

/** A run of tests that goes on. Disposing it kills it. */
export class RunningTests implements AsyncDisposable {
  /** The process. */
  readonly child: Deno.ChildProcess;
  readonly #dir: string;
  readonly #outputs: readonly Promise<void>[];
  #output = "";

  constructor(child: Deno.ChildProcess, dir: string) {
    this.child = child;
    this.#dir = dir;
    this.#outputs = [child.stdout, child.stderr].map((stream) => this.#collect(stream));
  }

  /** What it has said by now. */
  get output(): string {
    return this.#output;
  }

  /** The index of the one run that is recorded there, once it is as it should be. */
  async index(isReady: (index: RunIndex) => boolean = () => true): Promise<RunIndex> {
    const runs = join(this.#dir, ".clustertest/runs");
    return await eventually(() => {
      const folders = [...Deno.readDirSync(runs)].filter(({ isDirectory }) => isDirectory);
      if (folders.length !== 1) throw new Error(`There are ${folders.length} runs`);
      const index = readIndex(join(runs, folders[0]!.name));
      if (index && isReady(index)) return index;
      throw new Error(`The index is ${JSON.stringify(index)}; it was said: ${this.output}`);
    });
  }

  /** Waits until a folder of a node is gone, as its guardian removes it. */
  async gone(folder: string): Promise<void> {
    await eventually(async () => {
      const isThere = await Deno.lstat(folder).then(() => true, () => false);
      if (isThere) throw new Error(`${folder} is there; it was said: ${this.output}`);
    });
  }

  /** Waits for its end. */
  async end(): Promise<TestsEnd> {
    const { code } = await this.child.status;
    await Promise.all(this.#outputs);
    return { code, output: this.output, index: await this.index() };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.child.kill("SIGKILL");
    } catch {
      // It has ended.
    }
    await this.child.status;
    await Promise.all(this.#outputs);
  }

  async #collect(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<void> {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) this.#output += text;
  }
}
