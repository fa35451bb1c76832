import type { KubeConfig } from "@kubernetes/client-node";
import { within } from "../../../agent/within.ts";
import { messageOf } from "../../../agent/host/described_error.ts";
import type { FoundCluster } from "./find_cluster.ts";
import type { ConfigEntry } from "./read_kubeconfig.ts";
import { unusable } from "./unusable.ts";

/** Milliseconds that a credential plugin, or who issues tokens, may take. */
const PATIENCE = 60_000;

/** What a request is made with. */
export interface Credentials {
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly tls: {
    readonly ca?: string | undefined;
    readonly cert?: string | undefined;
    readonly key?: string | undefined;
    readonly servername?: string | undefined;
    readonly rejectUnauthorized?: boolean | undefined;
  };
}

/** Gets credentials as a kubeconfig says: certificates, tokens, files, plugins, OpenID Connect. */
export class CredentialSource {
  readonly #found: FoundCluster;
  #config: Promise<KubeConfig> | undefined;

  constructor(found: FoundCluster) {
    this.#found = found;
  }

  /**
   * Those that are good now: tokens that have run out are renewed.
   *
   * @throws {BackendUnusableError} if they cannot be had.
   */
  async get(): Promise<Credentials> {
    const options: TlsOptions = { headers: {} };
    try {
      const config = await (this.#config ??= makeConfig(this.#found));
      await within(PATIENCE, config.applyToHTTPSOptions(options as PackageOptions));
    } catch (error) {
      throw noCredentials(this.#found, error);
    }
    const { auth, headers, ca, cert, key, servername, rejectUnauthorized } = options;
    const tls = { ca: text(ca), cert: text(cert), key: text(key), servername, rejectUnauthorized };
    const basic = auth && { Authorization: `Basic ${btoa(auth)}` };
    return { headers: { ...headers, ...basic, ...impersonation(this.#found.user) }, tls };
  }

  /** Forgets what was got before: the server does not accept it. */
  forget(): void {
    this.#config = undefined;
  }
}

type PackageOptions = Parameters<KubeConfig["applyToHTTPSOptions"]>[0];

/** What the package gives, as far as it is used. */
interface TlsOptions {
  headers: Record<string, string>;
  auth?: string;
  ca?: string | Uint8Array;
  cert?: string | Uint8Array;
  key?: string | Uint8Array;
  servername?: string;
  rejectUnauthorized?: boolean;
}

async function makeConfig({ cluster, user }: FoundCluster): Promise<KubeConfig> {
  // Only this part of the package: all of it takes three times as long to load.
  const { KubeConfig } = await import("@kubernetes/client-node/dist/config.js") as {
    KubeConfig: new () => KubeConfig;
  };
  const config = new KubeConfig();
  const context = { cluster: cluster.name, user: user.name || "nobody" };
  config.loadFromString(JSON.stringify({
    clusters: [asTheClientTakesIt(cluster)],
    users: [{ ...withPluginsFacts(user, cluster), name: context.user }],
    contexts: [{ name: "chosen", context }],
    "current-context": "chosen",
  }));
  return config;
}

/** Proxies, and servers without TLS, are for who makes connections; the package would refuse some. */
function asTheClientTakesIt(entry: ConfigEntry): ConfigEntry {
  const { "proxy-url": _proxy, ...cluster } = entry.cluster as Record<string, unknown>;
  const plain = String(cluster.server).startsWith("http:");
  return { ...entry, cluster: { ...cluster, ...plain && { "insecure-skip-tls-verify": true } } };
}

/** What `kubectl` does and the package does not: files with tokens, and what plugins are told. */
function withPluginsFacts(entry: ConfigEntry, { cluster }: ConfigEntry): ConfigEntry {
  const { tokenFile, ...user } = (entry.user ?? {}) as Record<string, unknown>;
  if (tokenFile) {
    const file = { name: "tokenFile", config: { tokenFile } };
    return { ...entry, user: { ...user, token: undefined, "auth-provider": file } };
  }
  const exec = user.exec as PluginEntry | undefined;
  if (!exec) return { ...entry, user };
  const info = {
    apiVersion: exec.apiVersion,
    kind: "ExecCredential",
    spec: { interactive: false, ...exec.provideClusterInfo && { cluster } },
  };
  const env = [...exec.env ?? [], { name: "KUBERNETES_EXEC_INFO", value: JSON.stringify(info) }];
  return { ...entry, user: { ...user, exec: { ...exec, env } } };
}

interface PluginEntry {
  readonly command?: string;
  readonly apiVersion?: string;
  readonly provideClusterInfo?: boolean;
  readonly installHint?: string;
  readonly env?: readonly { readonly name: string; readonly value: string }[] | null;
}

/** As another user or in groups: the package knows of the user alone. */
function impersonation({ user }: ConfigEntry): Record<string, string | string[]> {
  const { "as-groups": groups, "as-uid": uid } = (user ?? {}) as Record<string, unknown>;
  return {
    ...Array.isArray(groups) && { "Impersonate-Group": groups.map(String) },
    ...typeof uid === "string" && { "Impersonate-Uid": uid },
  };
}

function noCredentials({ user }: FoundCluster, cause: unknown): Error {
  const { exec } = (user.user ?? {}) as { readonly exec?: PluginEntry };
  const said = messageOf(cause).trim().split("\n")[0];
  if (!exec) {
    return unusable(`the credentials of user "${user.name}" cannot be had: ${said}`, {
      remedy: "Mend the kubeconfig, or log in again",
      cause,
    });
  }
  const hint = exec.installHint?.trim().split("\n")[0];
  return unusable(`credential plugin "${exec.command}" of user "${user.name}" failed: ${said}`, {
    remedy: hint ?? "Install it, or log in again by what it belongs to",
    cause,
  });
}

function text(value: string | Uint8Array | undefined): string | undefined {
  return value instanceof Uint8Array ? new TextDecoder().decode(value) : value;
}
