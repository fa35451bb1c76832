import { createHash } from "node:crypto";
import { join } from "node:path";
import type { BuildOptions, LinuxTarget } from "./agent_pack.ts";
import { Deadline } from "../deadline.ts";
import { messageOf } from "../host/described_error.ts";
import { findAptPackages } from "./apt_packages.ts";
import { readDebianLibraries } from "./debian_archive.ts";
import { debianMirrors, type DebianPackage, pinnedPackages } from "./debian_packages.ts";
import { libraryFiles } from "./linux_machine.ts";

/** Milliseconds that one package, of at most 3 MB, may take. */
const DOWNLOAD_TIMEOUT = 60_000;

/** Finds the packages that hold the C library. */
export type PackageSource = (
  signal: AbortSignal | undefined,
) => readonly DebianPackage[] | Promise<readonly DebianPackage[]>;

/** For which target, and where from. */
export interface DebianOptions extends BuildOptions {
  readonly target: LinuxTarget;
  /** Tried in order. @default the mirrors of {@linkcode debianMirrors}, then apt */
  readonly sources?: readonly PackageSource[] | undefined;
}

/**
 * Puts the C library of Debian's packages into `dir`: the same files on every host. A package whose
 * digest is not that of the signed index is refused. Throws one error that says why each way failed.
 */
export async function fetchDebianLibraries(
  dir: string,
  { target, signal, onProgress, sources = packageSources(target) }: DebianOptions,
): Promise<void> {
  const label = `fetching the C library for ${target}`;
  onProgress?.({ label });
  const failures: string[] = [];
  for (const find of sources) {
    try {
      const libraries = await fetchLibraries(await find(signal), {
        signal,
        onProgress: (done, total) => onProgress?.({ label, done, total }),
      });
      return await writeLibraries(dir, libraries, target);
    } catch (error) {
      signal?.throwIfAborted();
      failures.push(messageOf(error));
    }
  }
  throw new Error(
    `Cannot fetch the C library for ${target}: ${failures.join("; ")}. ` +
      "CLUSTERTEST_DEBIAN_MIRROR can name a Debian mirror that is reachable from here",
  );
}

/** The mirrors, then apt. */
function packageSources(target: LinuxTarget): PackageSource[] {
  const mirrors = debianMirrors().map((mirror) => () => pinnedPackages(mirror, target));
  return [...mirrors, (signal) => findAptPackages(target, { signal })];
}

type Libraries = Map<string, Uint8Array<ArrayBuffer>>;

interface LibraryDownloadOptions {
  readonly signal: AbortSignal | undefined;
  readonly onProgress: (done: number, total: number | undefined) => void;
}

async function fetchLibraries(
  packages: readonly DebianPackage[],
  options: LibraryDownloadOptions,
): Promise<Libraries> {
  const libraries: Libraries = new Map();
  for (const each of packages) {
    const archive = await download(each, options);
    for (const [name, content] of await readDebianLibraries(archive)) libraries.set(name, content);
  }
  return libraries;
}

async function writeLibraries(
  dir: string,
  libraries: Libraries,
  target: LinuxTarget,
): Promise<void> {
  for (const name of libraryFiles(target)) {
    const content = libraries.get(name);
    if (content === undefined) throw new Error(`"${name}" is in none of the Debian packages`);
    await Deno.writeFile(join(dir, name), content, { mode: 0o755 });
  }
}

async function download(
  { url, sha256 }: DebianPackage,
  { signal, onProgress }: LibraryDownloadOptions,
): Promise<Uint8Array<ArrayBuffer>> {
  using until = new Deadline(DOWNLOAD_TIMEOUT, [signal]);
  const response = await fetch(url, { signal: until.signal });
  const bytes = await new Response(counted(response, onProgress)).bytes();
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  const digest = createHash("sha256").update(bytes).digest("hex");
  if (digest !== sha256) throw new Error(`${url} has sha256 ${digest} and not ${sha256}`);
  return bytes;
}

/** The body, with progress reported as it passes. */
function counted(
  { headers, body }: Response,
  onProgress: LibraryDownloadOptions["onProgress"],
): ReadableStream<Uint8Array<ArrayBuffer>> | undefined {
  const total = Number(headers.get("content-length")) || undefined;
  let done = 0;
  return body?.pipeThrough(
    new TransformStream({
      transform(chunk: Uint8Array<ArrayBuffer>, controller): void {
        onProgress(done += chunk.length, total);
        controller.enqueue(chunk);
      },
    }),
  );
}
