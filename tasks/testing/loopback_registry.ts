import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";
// @ts-types="@types/tar-stream"
import tar from "tar-stream";
import { runTool } from "../../agent/build/run_tool.ts";

/** What JSR says of a file. */
interface ManifestEntry {
  readonly size: number;
  readonly checksum: string;
}

/** The parts of `deno.json` that matter to a registry. */
interface PackageConfig {
  readonly name: string;
  readonly version: string;
  readonly exports: Readonly<Record<string, string>>;
}

/**
 * A registry that speaks as JSR does, on the loopback interface, and has one version of one package:
 * what `deno publish` makes of this checkout, with its imports written out.
 */
export class LoopbackRegistry implements AsyncDisposable {
  /** The value of `JSR_URL` by which it is used. */
  readonly url: string;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  #files: ReadonlyMap<string, Uint8Array<ArrayBuffer>> = new Map();
  #config: PackageConfig | undefined;

  private constructor() {
    this.#server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {} },
      (request) => this.#answer(request),
    );
    this.url = `http://127.0.0.1:${this.#server.addr.port}/`;
  }

  /** Starts one and publishes this checkout to it. */
  static async start(): Promise<LoopbackRegistry> {
    await using stack = new AsyncDisposableStack();
    const registry = stack.use(new LoopbackRegistry());
    const flags = ["--quiet", "--allow-dirty", "--no-check", "--no-provenance", "--token", "none"];
    await runTool([Deno.execPath(), "publish", ...flags], {
      cwd: fileURLToPath(new URL("../..", import.meta.url)),
      env: { JSR_URL: registry.url },
    });
    stack.move();
    return registry;
  }

  /** The package, as an import names it without its version: `@scope/name`. */
  get name(): string {
    return this.#package().name;
  }

  /** The paths of what was published, each from the root of the package. */
  get paths(): string[] {
    return [...this.#files.keys()].sort();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#server.shutdown();
  }

  #package(): PackageConfig {
    if (!this.#config) throw new Error("Cannot serve the package: nothing was published");
    return this.#config;
  }

  async #answer(request: Request): Promise<Response> {
    const path = decodeURIComponent(new URL(request.url).pathname);
    if (!path.startsWith("/api/")) return this.#serve(path);
    const body = await request.bytes();
    if (request.method === "POST") await this.#accept(body);
    // That a version is there already would end the publication.
    else if (path.includes("/versions/")) return missing();
    return Response.json({ id: "0", status: "success", error: null });
  }

  async #accept(archive: Uint8Array<ArrayBuffer>): Promise<void> {
    this.#files = await readArchive(archive);
    this.#config = JSON.parse(new TextDecoder().decode(this.#files.get("/deno.json")));
  }

  #serve(path: string): Response {
    const { name, version, exports } = this.#package();
    const [scope, rest] = name.slice(1).split("/");
    if (path === `/${name}/meta.json`) {
      return Response.json({ scope, name: rest, latest: version, versions: { [version]: {} } });
    }
    if (path === `/${name}/${version}_meta.json`) {
      return Response.json({ manifest: this.#manifest(), exports });
    }
    const root = `/${name}/${version}`;
    const file = path.startsWith(`${root}/`) ? this.#files.get(path.slice(root.length)) : undefined;
    if (!file) return missing();
    return new Response(file, { headers: { "content-type": contentType(path) } });
  }

  #manifest(): Record<string, ManifestEntry> {
    return Object.fromEntries([...this.#files].map(([path, content]) => {
      const sha256 = createHash("sha256").update(content).digest("hex");
      return [path, { size: content.length, checksum: `sha256-${sha256}` }];
    }));
  }
}

/** The files of a compressed archive, by their paths from its root. */
async function readArchive(
  archive: Uint8Array<ArrayBuffer>,
): Promise<Map<string, Uint8Array<ArrayBuffer>>> {
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  const entries = tar.extract();
  entries.end(
    await bytesOf(new Blob([archive]).stream().pipeThrough(new DecompressionStream("gzip"))),
  );
  for await (const entry of entries) files.set(`/${entry.header.name}`, await bytesOf(entry));
  return files;
}

function bytesOf(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array<ArrayBuffer>> {
  return new Response(ReadableStream.from(chunks)).bytes();
}

function missing(): Response {
  return Response.json({ code: "notFound", message: "There is no such thing" }, { status: 404 });
}

function contentType(path: string): string {
  return path.endsWith(".json") ? "application/json" : "text/typescript";
}
