import { join } from "node:path";
import { Engine } from "../engine/engine.ts";

/** Something that answers as an engine would, or does not. */
export class StandInEngine implements AsyncDisposable {
  private constructor(
    readonly engine: Engine,
    readonly server: Deno.HttpServer,
    readonly dir: string,
  ) {}

  /** Begins to answer. */
  static async start(
    handler: (request: Request) => Response | Promise<Response>,
  ): Promise<StandInEngine> {
    const dir = await Deno.makeTempDir();
    const path = join(dir, "engine.sock");
    const server = Deno.serve({ path, onListen: () => {} }, handler);
    return new StandInEngine(await Engine.connect({ kind: "unix", path }), server, dir);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.engine[Symbol.asyncDispose]();
    await this.server.shutdown();
    await Deno.remove(this.dir, { recursive: true });
  }
}
