import { join } from "node:path";
import { Deadline } from "../../../agent/deadline.ts";
import { settledWithin } from "../../../agent/settled_within.ts";
import type { SshEndpoint } from "./endpoint.ts";

/** A port of another machine that is reached through one of this one's loopback. */
export interface Forwarded extends AsyncDisposable {
  readonly port: number;
}

/** How often another local port is tried when another process took it first. */
const PORT_ATTEMPTS = 5;

/** Milliseconds in which a login has to succeed. */
const LOGIN_DEADLINE = 20_000;

/** Milliseconds in which the process that is logged in has to do what it is asked for. */
const CONTROL_DEADLINE = 20_000;

/** Milliseconds between two looks whether the sockets are there. */
const LOOK_INTERVAL = 15;

/**
 * Runs `ssh`, which does not care for its input here, until its own input ends, and then removes the
 * folder of the sockets. So nothing is left of it when this process has ended, however it did.
 */
const SSH_WHILE_INPUT_LASTS = `
dir=$1
shift
exec 3<&0
ssh "$@" </dev/null 3<&- &
ssh=$!
(read -r _ <&3; kill $ssh 2>/dev/null) &
wait $ssh
code=$?
kill $! 2>/dev/null
rm -rf "$dir"
exit $code
`;

/**
 * One `ssh` process that carries all calls to an engine and all connections to its containers. Its
 * sockets lie in a folder that only this user may enter. Disposing it ends the process.
 *
 * It never asks anything: keys come from the agent or the user's configuration, as with
 * `ssh -o BatchMode=yes`.
 */
export class SshConnection implements AsyncDisposable {
  /** Path of the Unix socket that is the engine's. */
  readonly engineSocket: string;
  #dir: string;
  #endpoint: SshEndpoint;
  #process: Deno.ChildProcess;
  #stderr: Promise<string>;

  /** Logs in; rejects with what `ssh` says when it cannot. */
  static async open(endpoint: SshEndpoint, signal?: AbortSignal): Promise<SshConnection> {
    signal?.throwIfAborted();
    const connection = new SshConnection(endpoint, await Deno.makeTempDir({ prefix: "ct-ssh-" }));
    try {
      await connection.#ready(signal);
      return connection;
    } catch (error) {
      await connection[Symbol.asyncDispose]();
      throw error;
    }
  }

  private constructor(endpoint: SshEndpoint, dir: string) {
    this.#endpoint = endpoint;
    this.#dir = dir;
    this.engineSocket = join(dir, "engine");
    const forward = `${this.engineSocket}:${endpoint.socket}`;
    this.#process = this.#spawn("sh", "piped", [
      ...["-c", SSH_WHILE_INPUT_LASTS, "ssh", dir],
      ...["-nNT", "-o", "BatchMode=yes", "-o", "ExitOnForwardFailure=yes", "-L", forward],
      ...["-o", "ServerAliveInterval=15", "-o", "ControlMaster=yes", "-o", "ControlPersist=no"],
    ]);
    this.#stderr = new Response(this.#process.stderr).text();
  }

  /**
   * Opens a way to a port of the other machine's loopback, through the same connection. It is a port
   * of this machine, so that heartbeats, which have a thread of their own, can take it.
   */
  async forward(port: number, signal?: AbortSignal): Promise<Forwarded> {
    for (let attempt = 1;; attempt++) {
      signal?.throwIfAborted();
      const local = freePort();
      const rule = `127.0.0.1:${local}:127.0.0.1:${port}`;
      try {
        await this.#control(["-O", "forward", "-L", rule], `forward port ${port}`);
        return { port: local, [Symbol.asyncDispose]: () => this.#cancel(rule) };
      } catch (error) {
        if (attempt === PORT_ATTEMPTS) throw error;
      }
    }
  }

  async #cancel(rule: string): Promise<void> {
    // Nothing has to be taken back when the connection is gone.
    await this.#control(["-O", "cancel", "-L", rule], "end a forwarding").catch(() => {});
  }

  /** Ends the process and whatever goes through it. Idempotent. */
  async [Symbol.asyncDispose](): Promise<void> {
    // What has ended by itself has no input any more.
    await this.#process.stdin.close().catch(() => {});
    await Promise.all([this.#process.status, this.#stderr]);
    await Deno.remove(this.#dir, { recursive: true }).catch(() => {});
  }

  async #ready(signal?: AbortSignal): Promise<void> {
    using deadline = new Deadline(LOGIN_DEADLINE);
    let hasEnded = false;
    const ended = this.#process.status.then(() => hasEnded = true);
    const sockets = [this.engineSocket, join(this.#dir, "control")];
    while (!(await Promise.all(sockets.map(exists))).every(Boolean)) {
      signal?.throwIfAborted();
      if (deadline.isOver) throw this.#error("did not let us in", `for ${LOGIN_DEADLINE / 1000} s`);
      await settledWithin(LOOK_INTERVAL, ended);
      if (hasEnded) throw this.#error("ended", (await this.#stderr).trim());
    }
  }

  async #control(args: string[], what: string): Promise<void> {
    using deadline = new Deadline(CONTROL_DEADLINE);
    const process = this.#spawn("ssh", "null", args, deadline.signal);
    const [{ success }, said] = await Promise.all([
      process.status,
      new Response(process.stderr).text(),
    ]);
    if (deadline.isOver) throw this.#error(`could not ${what}`, "it does not answer");
    if (!success) throw this.#error(`could not ${what}`, said.trim());
  }

  /** Adds to the arguments where `ssh` connects to, and where it is spoken to while it does. */
  #spawn(
    command: string,
    stdin: "piped" | "null",
    args: string[],
    signal?: AbortSignal,
  ): Deno.ChildProcess {
    const { destination, port } = this.#endpoint;
    const control = ["-o", `ControlPath=${join(this.#dir, "control")}`];
    const at = port === undefined ? [] : ["-p", String(port)];
    return new Deno.Command(command, {
      args: [...args, ...control, ...at, "--", destination],
      stdin,
      stdout: "null",
      stderr: "piped",
      ...signal && { signal },
    }).spawn();
  }

  #error(what: string, said: string): Error {
    const { destination } = this.#endpoint;
    return new Error(`ssh to "${destination}" ${what}: ${said || "it gave no reason"}`);
  }
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}
