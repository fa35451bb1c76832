import { Buffer } from "node:buffer";
import {
  type DockerConfig,
  readDockerConfig,
  type StoredCredentials,
} from "../engine/docker_config.ts";
import { Deadline } from "../../../agent/deadline.ts";
import type { RegistryCredentials } from "../docker_options.ts";
import type { RegistryAuth } from "../engine/engine_call.ts";

/** Under which keys the credentials of Docker's own registry are stored. */
const HUB_KEYS = ["https://index.docker.io/v1/", "index.docker.io", "docker.io"];

/**
 * The credentials for a registry that `docker login` stored, in the file or by one of the programs
 * that it names. `undefined` where there are none.
 */
export async function findCredentials(
  registry: string,
  configDir: string,
): Promise<RegistryCredentials | undefined> {
  const config = await readDockerConfig(configDir);
  const keys = registry === "docker.io" ? HUB_KEYS : [registry, `https://${registry}`];
  for (const key of keys) {
    const program = config.credHelpers?.[key] ?? config.credsStore;
    const found = program === undefined ? undefined : await askProgram(program, key);
    const credentials = found ?? storedCredentials(config, key);
    if (credentials !== undefined) return credentials;
  }
  return undefined;
}

function storedCredentials(config: DockerConfig, key: string): RegistryCredentials | undefined {
  const stored: StoredCredentials = config.auths?.[key] ?? {};
  if (stored.identitytoken) return { identityToken: stored.identitytoken };
  const decoded = stored.auth ? Buffer.from(stored.auth, "base64").toString() : undefined;
  const [, username, password] = /^([^:]+):(.*)$/s.exec(decoded ?? "") ??
    [undefined, stored.username, stored.password];
  if (!username || password === undefined) return undefined;
  return { username, password: password.replace(/\0+$/, "") };
}

/** How such programs say that they know nothing of a registry. */
const NOT_FOUND = /credentials not found/i;

/** Milliseconds that such a program may take; some ask their user. */
const PROGRAM_DEADLINE = 60_000;

async function askProgram(name: string, key: string): Promise<RegistryCredentials | undefined> {
  const command = `docker-credential-${name}`;
  const { success, stdout, stderr } = await runProgram(command, key);
  if (!success) {
    if (NOT_FOUND.test(stdout + stderr)) return undefined;
    const said = (stdout + stderr).trim();
    throw new Error(`Cannot get the credentials for "${key}" from "${command}": ${said}`);
  }
  const { Username, Secret } = JSON.parse(stdout);
  return Username === "<token>"
    ? { identityToken: Secret }
    : { username: Username, password: Secret };
}

async function runProgram(
  command: string,
  input: string,
): Promise<{ success: boolean; stdout: string; stderr: string }> {
  using deadline = new Deadline(PROGRAM_DEADLINE);
  const { signal } = deadline;
  let process: Deno.ChildProcess;
  try {
    const streams = { stdin: "piped", stdout: "piped", stderr: "piped" } as const;
    process = new Deno.Command(command, { args: ["get"], ...streams, signal }).spawn();
  } catch (error) {
    throw new Error(
      `Cannot run "${command}", which the Docker configuration names as the keeper of credentials: ` +
        (error as Error).message,
      { cause: error },
    );
  }
  const writer = process.stdin.getWriter();
  const written = writer.write(new TextEncoder().encode(`${input}\n`)).then(() => writer.close());
  // One that ends without reading says why in its output.
  await written.catch(() => {});
  const { success, stdout, stderr } = await process.output();
  const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
  return { success, stdout: decode(stdout), stderr: decode(stderr) };
}

/** The header by which an engine is handed credentials. */
export function authHeader(registry: string, credentials: RegistryCredentials): string {
  const [, content] = authOf(registry, credentials);
  const base64 = Buffer.from(JSON.stringify(content)).toString("base64");
  // Engines take what they cannot decode, as without the padding of "base64url", for no credentials.
  return base64.replaceAll("+", "-").replaceAll("/", "_");
}

/** What an engine calls a registry, and takes for credentials. */
export function authOf(
  registry: string,
  credentials: RegistryCredentials,
): [serveraddress: string, auth: RegistryAuth] {
  const serveraddress = registry === "docker.io" ? HUB_KEYS[0]! : registry;
  const auth: RegistryAuth = "identityToken" in credentials
    ? { identitytoken: credentials.identityToken, serveraddress }
    : { ...credentials, serveraddress };
  return [serveraddress, auth];
}
