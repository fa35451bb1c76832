import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { unusualPort } from "../../conformance/unusual_port.ts";
import { run } from "./run.ts";

/** Milliseconds in which the server has to be there. */
const START_DEADLINE = 20_000;

/** Milliseconds in which closed connections have to be gone. */
const SESSION_DEADLINE = 30_000;

/**
 * An `sshd` on loopback that accepts the key of this test alone. Needs root, `sshd` and
 * `ssh-keygen`. Disposing it ends it.
 */
export class SshServer implements AsyncDisposable {
  readonly port: number;
  /** A folder with an `ssh` that knows the server and has the key: for the front of `PATH`. */
  readonly bin: string;
  #dir: string;
  #process: Deno.ChildProcess | undefined;

  private constructor(dir: string) {
    this.#dir = dir;
    this.bin = join(dir, "bin");
    this.port = unusualPort();
  }

  /** Resolves once a client can log in. */
  static async start(): Promise<SshServer> {
    const server = new SshServer(await Deno.makeTempDir({ prefix: "ct-sshd-" }));
    try {
      await server.#makeKeys();
      await server.#makeClient();
      await server.#start();
      return server;
    } catch (error) {
      await server[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** How many connections have been let in so far. */
  async logins(): Promise<number> {
    const log = await Deno.readTextFile(join(this.#dir, "log"));
    return log.split("\n").filter((line) => line.includes("Accepted publickey")).length;
  }

  /** Resolves once no client is connected any more. */
  async empty(): Promise<void> {
    const end = performance.now() + SESSION_DEADLINE;
    while (await this.#hasSessions()) {
      if (performance.now() > end) throw new Error("Somebody is still connected by SSH");
      await delay(50);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process?.kill("SIGTERM");
    await this.#process?.status;
    await Deno.remove(this.#dir, { recursive: true });
  }

  /** Each connection has a process of its own. */
  async #hasSessions(): Promise<boolean> {
    const { pid } = this.#process!;
    return (await Deno.readTextFile(`/proc/${pid}/task/${pid}/children`)).trim() !== "";
  }

  async #makeKeys(): Promise<void> {
    for (const name of ["host", "user"]) {
      await run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", join(this.#dir, name)]);
    }
    const hostKey = await Deno.readTextFile(join(this.#dir, "host.pub"));
    const known = `[127.0.0.1]:${this.port} ${hostKey}`;
    await Deno.writeTextFile(join(this.#dir, "known_hosts"), known);
  }

  /** The user's own configuration cannot be named by the environment. */
  async #makeClient(): Promise<void> {
    const ssh = (await run("sh", ["-c", "command -v ssh"])).trim();
    const options = [
      `-i ${join(this.#dir, "user")}`,
      "-o IdentitiesOnly=yes",
      `-o UserKnownHostsFile=${join(this.#dir, "known_hosts")}`,
      "-o StrictHostKeyChecking=yes",
    ];
    const script = `#!/bin/sh\nexec ${ssh} -F none ${options.join(" ")} "$@"\n`;
    await Deno.mkdir(this.bin);
    await Deno.writeTextFile(join(this.bin, "ssh"), script, { mode: 0o755 });
  }

  async #start(): Promise<void> {
    const config = [
      `ListenAddress 127.0.0.1:${this.port}`,
      `HostKey ${join(this.#dir, "host")}`,
      `AuthorizedKeysFile ${join(this.#dir, "user.pub")}`,
      "PidFile none",
      "UsePAM no",
      "StrictModes no",
      "PasswordAuthentication no",
      "PermitRootLogin prohibit-password",
      "Subsystem sftp internal-sftp",
      // A shell of some depth does not read what the user has for interactive ones.
      "SetEnv SHLVL=2",
    ];
    await Deno.writeTextFile(join(this.#dir, "config"), `${config.join("\n")}\n`);
    // Where it locks itself in; a service manager makes it.
    await Deno.mkdir("/run/sshd", { recursive: true });
    const sshd = (await run("sh", ["-c", "PATH=$PATH:/usr/sbin command -v sshd"])).trim();
    this.#process = new Deno.Command(sshd, {
      args: ["-D", "-f", join(this.#dir, "config"), "-E", join(this.#dir, "log")],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    await this.#awaitLogin();
  }

  async #awaitLogin(): Promise<void> {
    const late = AbortSignal.timeout(START_DEADLINE);
    const login = ["-o", "BatchMode=yes", "-p", `${this.port}`, "127.0.0.1", "true"];
    for (;;) {
      const failure = await run(join(this.bin, "ssh"), login).then(
        () => undefined,
        (error) => error,
      );
      if (failure === undefined) return;
      if (late.aborted) throw failure;
      await delay(50);
    }
  }
}
