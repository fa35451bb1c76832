import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { SshServer } from "../../../clusters/docker/testing/ssh_server.ts";
import { runProgram } from "../program.ts";

/** Milliseconds in which a connection has to be there. */
const DEADLINE = 10_000;

/** An address of the server, as `scp` takes it. */
const HOST = "127.0.0.1";

/**
 * OpenSSH, set up to be fast: a server on loopback with keys of its own, and one
 * connection that every command shares (`ControlMaster`).
 */
export class SshPeer implements AsyncDisposable {
  readonly #server: SshServer;
  readonly #folder: string;
  #stack = new AsyncDisposableStack();

  private constructor(server: SshServer, folder: string) {
    this.#server = server;
    this.#folder = folder;
  }

  /** Resolves once the shared connection is there. Rejects without OpenSSH, or root's privileges. */
  static async start(): Promise<SshPeer> {
    await using stack = new AsyncDisposableStack();
    const folder = await Deno.makeTempDir({ prefix: "clustertest-bench-ssh-" });
    stack.defer(() => Deno.remove(folder, { recursive: true }));
    const server = stack.use(await SshServer.start());
    const peer = new SshPeer(server, folder);
    const master = peer.#share();
    stack.defer(async () => {
      master.kill("SIGTERM");
      await master.status;
    });
    const late = AbortSignal.timeout(DEADLINE);
    while (!await exists(peer.#control)) await delay(10, undefined, { signal: late });
    peer.#stack = stack.move();
    return peer;
  }

  /** The program and the arguments that run a command. */
  command(...command: string[]): [string, string[]] {
    const options = ["-o", `ControlPath=${this.#control}`, "-o", "BatchMode=yes"];
    return [this.#ssh, [...options, "-p", `${this.#server.port}`, HOST, ...command]];
  }

  /** Copies by `scp`, over the shared connection. Remote paths come from {@linkcode remote}. */
  async copy(from: string, to: string, options: readonly string[] = []): Promise<void> {
    const shared = ["-q", "-S", this.#ssh, "-o", `ControlPath=${this.#control}`];
    await runProgram("scp", [...shared, ...options, "-P", `${this.#server.port}`, from, to]);
  }

  /** A path of the server, for {@linkcode copy}. */
  remote(path: string): string {
    return `${HOST}:${path}`;
  }

  /** Opens a local port that leads to a port that the server's machine reaches; resolves to its number. */
  async forward(port: number, hostname = HOST): Promise<number> {
    const local = freePort();
    const [ssh, args] = this.command();
    const forward = ["-O", "forward", "-L", `${HOST}:${local}:${hostname}:${port}`];
    await runProgram(ssh, [...forward, ...args]);
    return local;
  }

  /**
   * Opens a port of the server's machine that leads through this one to a port which the server's machine
   * reaches; resolves to its number.
   */
  async relay(port: number, hostname = HOST): Promise<number> {
    const local = await this.forward(port, hostname);
    const remote = freePort();
    const [ssh, args] = this.command();
    const back = ["-O", "forward", "-R", `${HOST}:${remote}:${HOST}:${local}`];
    await runProgram(ssh, [...back, ...args]);
    return remote;
  }

  /** Ends the connection and the server. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }

  get #ssh(): string {
    return join(this.#server.bin, "ssh");
  }

  get #control(): string {
    return join(this.#folder, "control");
  }

  /** The connection that the others share. */
  #share(): Deno.ChildProcess {
    const [ssh, args] = this.command();
    return new Deno.Command(ssh, {
      args: ["-o", "ControlMaster=yes", "-N", ...args],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
  }
}

async function exists(path: string): Promise<boolean> {
  return await Deno.lstat(path).then(() => true, () => false);
}

function freePort(): number {
  using listener = Deno.listen({ hostname: HOST, port: 0 });
  return listener.addr.port;
}
