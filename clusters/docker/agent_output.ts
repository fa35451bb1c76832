import type { Duplex } from "node:stream";
import { demultiplex } from "./engine/demultiplex.ts";

/** Characters of the agent's log that are kept. */
const TAIL = 8 * 1024;

/**
 * The output of the agent in a container, from its first byte on. It is read as it comes, so that its
 * end is known after the engine has removed the container.
 */
export class AgentOutput implements AsyncDisposable {
  /** Resolves when the container has ended, or the engine has. */
  readonly closed: Promise<void>;
  /** Resolves to where the agent listens once it does; rejects when it ends before. */
  readonly listening: Promise<{ hostname: string; port: number }>;
  #connection: Duplex;
  #listening = Promise.withResolvers<{ hostname: string; port: number }>();
  #stdout = "";
  #stderr = "";

  /** Takes over the connection to a container that has not been started yet. */
  constructor(connection: Duplex) {
    this.#connection = connection;
    this.listening = this.#listening.promise;
    // The launch of a node awaits it, unless the launch has failed for another reason.
    this.listening.catch(() => {});
    this.closed = this.#read();
  }

  /** The latest lines of the agent's log. */
  get tail(): string[] {
    const lines = `${this.#stderr}\n${this.#stdout}`.split("\n").map((line) => line.trimEnd());
    return lines.filter((line) => line !== "").slice(-20);
  }

  /** Writes all that the agent is to read, and ends its standard input. */
  async send(document: string): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#connection.once("error", reject);
      this.#connection.end(document, () => {
        this.#connection.off("error", reject);
        resolve();
      });
    });
  }

  /** Stops listening to the container, which goes on. Idempotent. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#connection.destroy();
    await this.closed;
  }

  async #read(): Promise<void> {
    const decoders = { stdout: new TextDecoder(), stderr: new TextDecoder() };
    try {
      for await (const { stream, data } of demultiplex(this.#connection)) {
        const text = decoders[stream].decode(data, { stream: true });
        if (stream === "stderr") this.#stderr = (this.#stderr + text).slice(-TAIL);
        else this.#takeStdout(text);
      }
    } catch {
      // A connection that breaks says no more than one that ends: the engine, or the agent, says why.
    } finally {
      this.#connection.destroy();
      this.#listening.reject(new Error("The agent ended before it listened"));
    }
  }

  /** The first line says where the agent listens. Other lines are kept, for errors to quote. */
  #takeStdout(text: string): void {
    this.#stdout = (this.#stdout + text).slice(-TAIL);
    const end = this.#stdout.indexOf("\n");
    if (end < 0) return;
    const listening = parseListening(this.#stdout.slice(0, end));
    if (listening === undefined) return;
    this.#listening.resolve(listening);
    this.#stdout = this.#stdout.slice(end + 1);
  }
}

function parseListening(line: string): { hostname: string; port: number } | undefined {
  try {
    return JSON.parse(line).listening;
  } catch {
    return undefined;
  }
}
