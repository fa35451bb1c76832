import { dirname, isAbsolute, resolve } from "node:path";
import { messageOf } from "../../../agent/host/described_error.ts";
import { unusable } from "./unusable.ts";

/** A named entry of a kubeconfig, such as `{ name: "x", cluster: { … } }`. */
export interface ConfigEntry {
  readonly name: string;
  readonly [key: string]: unknown;
}

/** What the files of a kubeconfig say together. */
export interface RawKubeconfig {
  readonly clusters: readonly ConfigEntry[];
  readonly users: readonly ConfigEntry[];
  readonly contexts: readonly ConfigEntry[];
  readonly "current-context"?: string | undefined;
}

/** Fields with paths, which are relative to the file that they are in. */
const PATHS = ["certificate-authority", "client-certificate", "client-key", "tokenFile"];

type Fields = Record<string, unknown>;

/**
 * Reads the files of a kubeconfig, and merges them as `kubectl` does: of two entries of a name the first
 * one counts, and files that are not there are left out. Paths in the result are absolute.
 *
 * @throws {BackendUnusableError} if a file cannot be read.
 */
export async function readKubeconfig(files: readonly string[]): Promise<RawKubeconfig> {
  const { load } = await import("js-yaml");
  const read: Fields[] = [];
  for (const file of files) {
    try {
      const text = await Deno.readTextFile(file);
      read.push(withAbsolutePaths(asFields(load(text)), dirname(resolve(file))));
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) continue;
      const remedy = "Mend the file, or name another one by KUBECONFIG";
      throw unusable(`kubeconfig "${file}" cannot be read: ${firstLine(error)}`, {
        remedy,
        cause: error,
      });
    }
  }
  return {
    clusters: merged(read, "clusters"),
    users: merged(read, "users"),
    contexts: merged(read, "contexts"),
    "current-context": read.map((each) => each["current-context"]).find(isName),
  };
}

function merged(configs: readonly Fields[], list: string): ConfigEntry[] {
  const entries = new Map<string, ConfigEntry>();
  for (const config of configs) {
    for (const entry of asEntries(config[list])) {
      if (!entries.has(entry.name)) entries.set(entry.name, entry);
    }
  }
  return [...entries.values()];
}

function withAbsolutePaths(config: Fields, folder: string): Fields {
  const clusters = asEntries(config.clusters).map((entry) => ({
    ...entry,
    cluster: absolute(asFields(entry.cluster), folder),
  }));
  const users = asEntries(config.users).map((entry) => ({
    ...entry,
    user: withAbsoluteCommand(absolute(asFields(entry.user), folder), folder),
  }));
  return { ...config, clusters, users };
}

function absolute(fields: Fields, folder: string): Fields {
  const paths = PATHS.flatMap((name) => {
    const path = fields[name];
    return isName(path) && !isAbsolute(path) ? [[name, resolve(folder, path)]] : [];
  });
  return { ...fields, ...Object.fromEntries(paths) };
}

/** A credential plugin with a path is relative to the file, too; one without is looked up in `PATH`. */
function withAbsoluteCommand(user: Fields, folder: string): Fields {
  const exec = asFields(user.exec);
  const { command } = exec;
  if (!isName(command) || isAbsolute(command) || !command.includes("/")) return user;
  return { ...user, exec: { ...exec, command: resolve(folder, command) } };
}

function asFields(value: unknown): Fields {
  if (value === undefined || value === null) return {};
  if (typeof value !== "object" || Array.isArray(value)) {
    throw new TypeError("it is not a kubeconfig");
  }
  return value as Fields;
}

function asEntries(value: unknown): ConfigEntry[] {
  if (value === undefined || value === null) return [];
  const entries = Array.isArray(value) ? value.map(asFields) : [{}];
  if (!entries.every(({ name }) => isName(name))) {
    throw new TypeError("it has an entry without a name");
  }
  return entries as unknown as ConfigEntry[];
}

function isName(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

function firstLine(error: unknown): string {
  return messageOf(error).split("\n")[0]!;
}
