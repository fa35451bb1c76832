import { LocalHost } from "../../../agent/host/local_host.ts";
import { Screen } from "../../../agent/testing/screen.ts";

/** Somebody at this machine, with terminals, in a folder that goes with it. */
export class Desk implements AsyncDisposable {
  readonly #host: LocalHost;
  readonly #folder: string;

  private constructor(host: LocalHost, folder: string) {
    this.#host = host;
    this.#folder = folder;
  }

  /** Makes the folder. `env` is added to the environment of this process. */
  static async open(env: Readonly<Record<string, string>> = {}): Promise<Desk> {
    const folder = await Deno.makeTempDir({ prefix: "clustertest-desk-" });
    const host = await LocalHost.open({
      rootDir: folder,
      env: { ...Deno.env.toObject(), CI: "", NO_COLOR: "1", TERM: "dumb", ...env },
      marker: { CLUSTERTEST_DESK: crypto.randomUUID() },
    });
    return new Desk(host, folder);
  }

  /** Runs a line of the shell on a terminal of its own. */
  async type(line: string, env?: Readonly<Record<string, string>>): Promise<Screen> {
    return await Screen.open(this.#host, ["sh", "-c", line], { env: { TERM: "dumb", ...env } });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#host[Symbol.asyncDispose]();
    await Deno.remove(this.#folder, { recursive: true });
  }
}
