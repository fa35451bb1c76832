import { TextLineStream } from "./text_line_stream.ts";

/** What the process of testcontainers is asked for. */
export type TestcontainersRequest = { readonly start: number } | { readonly stop: true };

/** What it answers: how long that took, or why it could not be done. */
export type TestcontainersReply =
  | { readonly milliseconds: number }
  | { readonly failed: string };

/** testcontainers (npm) in a process of its own, so that neither costs the other memory or time. */
export class TestcontainersPeer implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #requests: WritableStreamDefaultWriter<Uint8Array>;
  readonly #replies: ReadableStreamDefaultReader<string>;

  private constructor(child: Deno.ChildProcess) {
    this.#child = child;
    this.#requests = child.stdin.getWriter();
    this.#replies = child.stdout.pipeThrough(new TextLineStream()).getReader();
  }

  /** Resolves once it is loaded; rejects when it cannot be had. */
  static async start(image: string): Promise<TestcontainersPeer> {
    const program = new URL("./testcontainers_main.ts", import.meta.url);
    const child = new Deno.Command(Deno.execPath(), {
      // It is no dependency of the project, so no lock knows it.
      args: ["run", "--quiet", "--allow-all", "--no-config", "--no-lock", program.pathname, image],
      // Its reaper is an image that has to be pulled; without it, it has less to do.
      env: { TESTCONTAINERS_RYUK_DISABLED: "true" },
      stdin: "piped",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    const peer = new TestcontainersPeer(child);
    await peer.#reply();
    return peer;
  }

  /** Milliseconds until so many containers were started and a command had run in each. */
  async launch(count: number): Promise<number> {
    return await this.#ask({ start: count });
  }

  /** Milliseconds until they were gone. */
  async stop(): Promise<number> {
    return await this.#ask({ stop: true });
  }

  /** Ends it, and with it what it has started. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#requests.close().catch(() => {});
    await this.#child.status;
    await this.#replies.cancel();
  }

  async #ask(request: TestcontainersRequest): Promise<number> {
    await this.#requests.write(new TextEncoder().encode(`${JSON.stringify(request)}\n`));
    return await this.#reply();
  }

  async #reply(): Promise<number> {
    const { value } = await this.#replies.read();
    if (value === undefined) throw new Error("testcontainers cannot be loaded");
    const reply = JSON.parse(value) as TestcontainersReply;
    if ("failed" in reply) throw new Error(`testcontainers: ${reply.failed}`);
    return reply.milliseconds;
  }
}
