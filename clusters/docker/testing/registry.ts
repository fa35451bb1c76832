import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";

/** What a registry asks of its clients. */
export interface RegistryOptions {
  /** `user:password` that has to be shown. */
  readonly login?: string;
  readonly architecture?: string;
  /** Bytes of the one layer, so that fetching it takes a while. */
  readonly layerSize?: number;
}

/** A registry on loopback that has one image, named `thing:1`, with one file in it. */
export class Registry implements AsyncDisposable {
  /** What engines call it. */
  readonly host: string;
  #server: Deno.HttpServer<Deno.NetAddr>;
  #blobs = new Map<string, Uint8Array<ArrayBuffer>>();
  #manifest: string;
  #login: string | undefined;

  constructor({ login, architecture = "amd64", layerSize = 1000 }: RegistryOptions = {}) {
    this.#login = login && `Basic ${Buffer.from(login).toString("base64")}`;
    const layer = tarOf("file", new Uint8Array(layerSize).map((_, i) => i * 7919 % 251));
    const compressed = new Uint8Array(gzipSync(layer));
    const config = encode({
      architecture,
      os: "linux",
      config: {},
      rootfs: { type: "layers", diff_ids: [digestOf(layer)] },
    });
    this.#manifest = JSON.stringify({
      schemaVersion: 2,
      mediaType: MANIFEST,
      config: this.#add("application/vnd.docker.container.image.v1+json", config),
      layers: [this.#add("application/vnd.docker.image.rootfs.diff.tar.gzip", compressed)],
    });
    this.#server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {} },
      (request) => this.#handle(request),
    );
    this.host = `127.0.0.1:${this.#server.addr.port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }

  #add(mediaType: string, blob: Uint8Array<ArrayBuffer>): object {
    this.#blobs.set(digestOf(blob), blob);
    return { mediaType, size: blob.length, digest: digestOf(blob) };
  }

  #handle(request: Request): Response {
    if (this.#login !== undefined && request.headers.get("authorization") !== this.#login) {
      return refusal(401, "UNAUTHORIZED", "authentication required");
    }
    const { pathname } = new URL(request.url);
    const [, name, kind, reference = ""] = /^\/v2\/(.+)\/(manifests|blobs)\/(.+)$/.exec(pathname) ??
      [];
    if (kind === undefined) return Response.json({}, { headers: VERSION });
    if (name !== "thing") return refusal(404, "NAME_UNKNOWN", "repository name not known");
    if (kind === "blobs") return new Response(this.#blobs.get(reference));
    if (reference !== "1" && reference !== digestOf(new TextEncoder().encode(this.#manifest))) {
      return refusal(404, "MANIFEST_UNKNOWN", "manifest unknown");
    }
    return new Response(this.#manifest, { headers: { ...VERSION, "content-type": MANIFEST } });
  }
}

const MANIFEST = "application/vnd.docker.distribution.manifest.v2+json";

const VERSION = { "docker-distribution-api-version": "registry/2.0" };

function refusal(status: number, code: string, message: string): Response {
  const challenge = status === 401 ? { "www-authenticate": 'Basic realm="here"' } : undefined;
  const headers = { ...VERSION, ...challenge };
  return Response.json({ errors: [{ code, message }] }, { status, headers });
}

function encode(value: object): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(JSON.stringify(value));
}

function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

/** A tar archive of one file. */
function tarOf(name: string, content: Uint8Array): Uint8Array {
  const header = new Uint8Array(512);
  const put = (at: number, text: string): void =>
    void new TextEncoder().encodeInto(text, header.subarray(at));
  const size = content.length.toString(8).padStart(11, "0");
  put(0, name);
  put(100, `0000644\x000000000\x000000000\x00${size}\x0000000000000\x00        0`);
  put(257, "ustar\x0000");
  put(148, `${header.reduce((sum, byte) => sum + byte, 0).toString(8).padStart(6, "0")}\x00 `);
  const padding = new Uint8Array(-content.length & 511);
  return Uint8Array.from([...header, ...content, ...padding, ...new Uint8Array(1024)]);
}
