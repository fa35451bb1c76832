/** How the process of a local AWS is started. */
export interface AwsServerProcessOptions {
  /** What instances are; see {@linkcode AwsServerOptions}. @default "containers" */
  readonly machines?: "containers" | "simulated" | undefined;
  /** Whether the stack is there. @default false */
  readonly stack?: boolean | undefined;
  /** Milliseconds that an instance takes to boot at least. @default 0 */
  readonly pendingFor?: number | undefined;
}

/**
 * A local AWS in a process of its own, so that what it takes is not counted as its client's, and that
 * it can be killed. Disposing it lets it end all instances.
 */
export class AwsServerProcess implements AsyncDisposable {
  /** The environment in which the SDK finds it. */
  readonly env: Readonly<Record<string, string>>;
  #child: Deno.ChildProcess;
  #reader: ReadableStreamDefaultReader<string>;

  private constructor(
    child: Deno.ChildProcess,
    reader: ReadableStreamDefaultReader<string>,
    env: Readonly<Record<string, string>>,
  ) {
    this.#child = child;
    this.#reader = reader;
    this.env = env;
  }

  /** Resolves once it serves. */
  static async start(options: AwsServerProcessOptions = {}): Promise<AwsServerProcess> {
    const program = new URL("./main.ts", import.meta.url).pathname;
    const args = ["run", "-A", "--no-check", program];
    if (options.machines === "simulated") args.push("--simulated");
    if (options.stack) args.push("--stack");
    if (options.pendingFor !== undefined) args.push("--pending", `${options.pendingFor}`);
    const child = new Deno.Command(Deno.execPath(), { args, stdout: "piped" }).spawn();
    const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
    // It writes all of it at once.
    const { value } = await reader.read();
    if (value === undefined) throw new Error("Cannot start the local AWS: see its output");
    const env = [...value.matchAll(/^export (\w+)='(.*)'$/gm)].map(([, name, text]) =>
      [name!, text!] as const
    );
    return new AwsServerProcess(child, reader, Object.fromEntries(env));
  }

  /** Where it listens. */
  get endpoint(): string {
    return this.env.AWS_ENDPOINT_URL!;
  }

  /** How often each action was called: `{ "ec2:RunInstances": 1 }`. */
  async counts(): Promise<Record<string, number>> {
    return await (await fetch(`${this.endpoint}/journal`)).json();
  }

  /** Ends it at once; resolves when it has ended. */
  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#child.status;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child.kill("SIGTERM");
    } catch {
      // It has ended.
    }
    await this.#child.status;
    await this.#reader.cancel();
  }
}
