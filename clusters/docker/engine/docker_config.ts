import { createHash } from "node:crypto";
import { join } from "node:path";
import { type Endpoint, parseEndpoint, type TlsFiles } from "./endpoint.ts";

/** What is used of `config.json` in the Docker command line's folder. */
export interface DockerConfig {
  readonly currentContext?: string;
  /** Credentials by registry. */
  readonly auths?: Readonly<Record<string, StoredCredentials>>;
  /** Name of the program that keeps all credentials. */
  readonly credsStore?: string;
  /** Names of the programs that keep the credentials of single registries. */
  readonly credHelpers?: Readonly<Record<string, string>>;
}

/** Credentials as `docker login` stores them. */
export interface StoredCredentials {
  /** `user:password` in base64. */
  readonly auth?: string;
  readonly username?: string;
  readonly password?: string;
  readonly identitytoken?: string;
}

/** The content of `config.json` in `dir`; empty where there is none. */
export async function readDockerConfig(dir: string): Promise<DockerConfig> {
  return await readJson<DockerConfig>(join(dir, "config.json")) ?? {};
}

interface ContextMetadata {
  readonly Endpoints?: { docker?: { Host?: string; SkipTLSVerify?: boolean } };
}

/** The engine of a context, as `docker context create` stored it in `dir`. */
export async function readContext(dir: string, name: string): Promise<Endpoint> {
  const id = createHash("sha256").update(name).digest("hex");
  const file = join(dir, "contexts", "meta", id, "meta.json");
  const context = await readJson<ContextMetadata>(file);
  if (context === undefined) {
    throw new Error(`Cannot use the Docker context "${name}": there is no "${file}"`);
  }
  const { Host, SkipTLSVerify } = context.Endpoints?.docker ?? {};
  if (!Host) throw new Error(`Cannot use the Docker context "${name}": it names no engine`);
  const tls = await contextTls(join(dir, "contexts", "tls", id, "docker"), SkipTLSVerify === true);
  return parseEndpoint(Host, tls);
}

/** A context has a folder of certificates if its engine is reached by TLS. */
async function contextTls(dir: string, skipVerify: boolean): Promise<TlsFiles | undefined> {
  const isThere = await Deno.stat(dir).then(() => true, () => false);
  return isThere || skipVerify ? { dir, verify: !skipVerify } : undefined;
}

async function readJson<T>(path: string): Promise<T | undefined> {
  try {
    return JSON.parse(await Deno.readTextFile(path));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw new Error(`Cannot read "${path}": ${(error as Error).message}`, { cause: error });
  }
}
