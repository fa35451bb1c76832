import { basename, dirname } from "node:path";
import { describedError, messageOf } from "./described_error.ts";
import { writeTo } from "./file_access.ts";
import type { DownloadOptions, DownloadResult } from "./host.ts";

/**
 * Fetches `url` into the file `path`, whose parent folders are made. Redirects are followed.
 *
 * The content goes into a new file beside it, which takes its name once it is whole and has the
 * digest that was asked for; until then, and after a failure, what was at `path` is untouched.
 */
export async function download(
  url: string,
  path: string,
  options: DownloadOptions = {},
): Promise<DownloadResult> {
  const { sha256, signal } = options;
  const label = describe(url, path, sha256);
  const body = await request(url, label, signal);
  const part = `${dirname(path)}/.${basename(path)}.${crypto.randomUUID().slice(0, 8)}.part`;
  try {
    const result = await store(body, part, label, signal);
    if (sha256 !== undefined && result.sha256 !== sha256) {
      throw new Deno.errors.InvalidData(
        `${label}: its SHA-256 is ${result.sha256}, and not ${sha256} as asked for`,
      );
    }
    await Deno.rename(part, path);
    return result;
  } catch (error) {
    await Deno.remove(part).catch(() => {});
    throw error;
  }
}

/** Checks the arguments, and says what is done without the query, which may hold a secret. */
function describe(url: string, path: string, sha256: string | undefined): string {
  if (sha256 !== undefined && !/^[0-9a-f]{64}$/.test(sha256)) {
    throw new TypeError(`Cannot download: sha256 is not 64 lower-case hexadecimal digits`);
  }
  if (!URL.canParse(url)) throw new TypeError(`Cannot download: "${url}" is not a URL`);
  const { protocol, host, pathname } = new URL(url);
  if (protocol !== "http:" && protocol !== "https:") {
    throw new TypeError(`Cannot download: the protocol "${protocol}" is not http: or https:`);
  }
  return `Cannot download ${protocol}//${host}${pathname} to '${path}'`;
}

async function request(
  url: string,
  label: string,
  signal: AbortSignal | undefined,
): Promise<ReadableStream<Uint8Array>> {
  const response = await fetch(url, { signal: signal ?? null }).catch((error) => {
    signal?.throwIfAborted();
    throw new Deno.errors.Http(`${label}: ${reasonOf(error)}`, { cause: error });
  });
  if (response.ok && response.body) return response.body;
  await response.body?.cancel();
  if (response.ok) return new Blob([]).stream();
  throw new Deno.errors.Http(
    `${label}: the server answered ${response.status} ${response.statusText}`.trimEnd(),
  );
}

/**
 * Why a request failed. The runtime says so in the cause of its error, behind the whole URL, which may
 * hold a secret.
 */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause ?? error : error;
  return messageOf(cause).replace(/^error sending request.*?: /, "");
}

async function store(
  body: ReadableStream<Uint8Array>,
  part: string,
  label: string,
  signal: AbortSignal | undefined,
): Promise<DownloadResult> {
  // Loaded only here: importing the library is not to wait for it.
  const { createHash } = await import("node:crypto");
  const hash = createHash("sha256");
  let size = 0;
  using file = await opened(part, body);
  try {
    for await (const chunk of body) {
      hash.update(chunk);
      size += chunk.length;
      await writeTo(file, chunk, part);
      signal?.throwIfAborted();
    }
  } catch (error) {
    signal?.throwIfAborted();
    throw describedError(error, `${label}: ${reasonOf(error)}`);
  }
  return { size, sha256: hash.digest("hex") };
}

/** Makes the new file, and its parent folders; closes the connection when it cannot. */
async function opened(part: string, body: ReadableStream<Uint8Array>): Promise<Deno.FsFile> {
  try {
    await Deno.mkdir(dirname(part), { recursive: true });
    return await Deno.open(part, { write: true, createNew: true });
  } catch (error) {
    await body.cancel();
    throw error;
  }
}
