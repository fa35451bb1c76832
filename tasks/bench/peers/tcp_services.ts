import { TextLineStream } from "./text_line_stream.ts";

/** The ports of services on 127.0.0.1. */
export interface ServicePorts {
  /** Sends back what it receives. */
  readonly echo: number;
  /** Reads a number in a line, and sends so many bytes. */
  readonly source: number;
  /** Reads to the end, and answers with the number of bytes. */
  readonly sink: number;
}

/** Services in a process of their own, for tunnels to lead to. */
export class TcpServices implements AsyncDisposable {
  readonly ports: ServicePorts;
  readonly #child: Deno.ChildProcess;

  private constructor(child: Deno.ChildProcess, ports: ServicePorts) {
    this.#child = child;
    this.ports = ports;
  }

  /** Resolves once they listen. */
  static async start(): Promise<TcpServices> {
    const program = new URL("./tcp_services_main.ts", import.meta.url);
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "--allow-net", program.pathname],
      stdin: "null",
      stdout: "piped",
    }).spawn();
    const lines = child.stdout.pipeThrough(new TextLineStream()).getReader();
    const { value = "" } = await lines.read();
    await lines.cancel();
    return new TcpServices(child, JSON.parse(value));
  }

  /** Ends them. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#child.status;
  }
}
