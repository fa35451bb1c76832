import { join, resolve } from "node:path";
import { readContext, readDockerConfig } from "./docker_config.ts";
import { DEFAULT_SOCKET, type Endpoint, parseEndpoint, type TlsFiles } from "./endpoint.ts";

/**
 * What decides which engine is used: what was asked for, and what the environment says. Plain JSON
 * without secrets, so that another process can find the same engine.
 */
export interface EngineSelection {
  /** Address that was asked for. */
  readonly host?: string | undefined;
  /** Folder of the certificates by which that is reached. */
  readonly certPath?: string | undefined;
  /** Context that was asked for. */
  readonly context?: string | undefined;
  /** Variables of the environment that matter, without the empty ones. */
  readonly env: Readonly<Record<string, string>>;
}

const VARIABLES = [
  "DOCKER_CERT_PATH",
  "DOCKER_CONFIG",
  "DOCKER_CONTEXT",
  "DOCKER_HOST",
  "DOCKER_TLS",
  "DOCKER_TLS_VERIFY",
  "HOME",
  "XDG_RUNTIME_DIR",
];

/** Those of them that are paths. */
const PATHS = ["DOCKER_CERT_PATH", "DOCKER_CONFIG"];

/**
 * A selection by this process's environment. Needs permission to read these variables. Paths are
 * absolute in it: another process may be in another folder.
 */
export function selectEngine(
  asked: Omit<EngineSelection, "env"> = {},
): EngineSelection {
  const values = VARIABLES.map((name) => [name, Deno.env.get(name) ?? ""] as const)
    .filter(([, value]) => value !== "")
    .map(([name, value]) => [name, PATHS.includes(name) ? resolve(value) : value] as const);
  const certPath = asked.certPath === undefined ? {} : { certPath: resolve(asked.certPath) };
  return { ...asked, ...certPath, env: Object.fromEntries(values) };
}

/** The folder in which the Docker command line keeps its configuration. */
export function configDir({ env }: EngineSelection): string {
  return env.DOCKER_CONFIG ?? join(env.HOME ?? "/", ".docker");
}

/** A place where an engine may be. */
export interface Candidate {
  /** What names the engine: `"DOCKER_HOST"`, `"the context \"x\""`. */
  readonly source: string;
  /** Reads what has to be read to know the address. */
  endpoint(): Promise<Endpoint>;
}

/**
 * Where to look for the engine, best first, as the Docker command line does: what was asked for, then
 * `DOCKER_HOST`, then `DOCKER_CONTEXT`, then the current context. Only when none of them says
 * anything there are several: the usual sockets, those of rootless engines among them.
 */
export async function findCandidates(selection: EngineSelection): Promise<Candidate[]> {
  const { host, context, env } = selection;
  if (host !== undefined) return [at("the backend's options", host, selection)];
  if (context !== undefined) return [inContext(context, selection)];
  if (env.DOCKER_HOST !== undefined) return [at("DOCKER_HOST", env.DOCKER_HOST, selection)];
  const config = await readDockerConfig(configDir(selection));
  const current = env.DOCKER_CONTEXT ?? config.currentContext ?? "default";
  return current === "default" ? usualSockets(selection) : [inContext(current, selection)];
}

function at(source: string, address: string, selection: EngineSelection): Candidate {
  return {
    source,
    endpoint: () => Promise.resolve().then(() => parseEndpoint(address, tlsFiles(selection))),
  };
}

function inContext(name: string, selection: EngineSelection): Candidate {
  const source = `the Docker context "${name}"`;
  return name === "default"
    ? at(source, `unix://${DEFAULT_SOCKET}`, selection)
    : { source, endpoint: () => readContext(configDir(selection), name) };
}

/** As the command line has it: the certificates alone do not switch TLS on. */
function tlsFiles(selection: EngineSelection): TlsFiles | undefined {
  if (selection.certPath !== undefined) return { dir: selection.certPath, verify: true };
  const { DOCKER_TLS, DOCKER_TLS_VERIFY, DOCKER_CERT_PATH } = selection.env;
  if (DOCKER_TLS === undefined && DOCKER_TLS_VERIFY === undefined) return undefined;
  const dir = DOCKER_CERT_PATH ?? configDir(selection);
  return { dir, verify: DOCKER_TLS_VERIFY !== undefined };
}

function usualSockets(selection: EngineSelection): Candidate[] {
  const { HOME, XDG_RUNTIME_DIR } = selection.env;
  const rootless = XDG_RUNTIME_DIR ?? runtimeDir();
  const sockets = [
    { source: "the usual socket", path: DEFAULT_SOCKET },
    { source: "a rootless engine", path: rootless && join(rootless, "docker.sock") },
    { source: "Docker Desktop", path: HOME && join(HOME, ".docker/run/docker.sock") },
    { source: "Docker Desktop for Linux", path: HOME && join(HOME, ".docker/desktop/docker.sock") },
  ];
  return sockets.filter(({ path }) => path !== undefined)
    .map(({ source, path }) => at(source, `unix://${path}`, selection));
}

function runtimeDir(): string | undefined {
  const uid = Deno.build.os === "windows" ? null : Deno.uid();
  return uid ? `/run/user/${uid}` : undefined;
}
