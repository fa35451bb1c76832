import { messageOf } from "../../../agent/host/described_error.ts";
import { BackendUnusableError } from "../../errors.ts";
import { isGood, type PluginCredential, type PluginEntry, runPlugin } from "./credential_plugin.ts";
import type { FoundCluster } from "./find_cluster.ts";
import { type OpenIdEntry, openIdToken } from "./open_id.ts";
import { unusable } from "./unusable.ts";

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

/** The entry of a cluster in a kubeconfig. */
interface ClusterEntry {
  readonly "certificate-authority"?: string;
  readonly "certificate-authority-data"?: string;
  readonly "insecure-skip-tls-verify"?: boolean;
  readonly "tls-server-name"?: string;
}

/** The entry of a user in a kubeconfig. */
interface UserEntry {
  readonly "client-certificate"?: string;
  readonly "client-certificate-data"?: string;
  readonly "client-key"?: string;
  readonly "client-key-data"?: string;
  readonly token?: string;
  readonly tokenFile?: string;
  readonly username?: string;
  readonly password?: string;
  readonly exec?: PluginEntry;
  readonly "auth-provider"?: { readonly name?: string; readonly config?: OpenIdEntry };
  readonly as?: string;
  readonly "as-uid"?: string;
  readonly "as-groups"?: readonly string[];
}

/**
 * Gets credentials as a kubeconfig says: certificates, tokens, files, plugins, OpenID Connect. Files are
 * read each time: where tokens are short-lived, somebody writes new ones there.
 */
export class CredentialSource {
  readonly #found: FoundCluster;
  #plugin: Promise<PluginCredential> | undefined;
  #openId: Promise<OpenIdEntry> | undefined;

  constructor(found: FoundCluster) {
    this.#found = found;
  }

  /**
   * Those that are good now: what has run out is renewed.
   *
   * @throws {BackendUnusableError} if they cannot be had.
   */
  async get(): Promise<Credentials> {
    try {
      return await this.#get();
    } catch (cause) {
      if (cause instanceof BackendUnusableError) throw cause;
      const said = messageOf(cause).split("\n")[0];
      throw unusable(`the credentials of user "${this.#found.user.name}" cannot be had: ${said}`, {
        remedy: "Mend the kubeconfig, or log in again",
        cause,
      });
    }
  }

  /** Forgets what was got before: the server does not accept it. */
  forget(): void {
    this.#plugin = undefined;
  }

  async #get(): Promise<Credentials> {
    const cluster = (this.#found.cluster.cluster ?? {}) as ClusterEntry;
    const user = (this.#found.user.user ?? {}) as UserEntry;
    const plugin = user.exec && await this.#pluginCredential(user.exec);
    const token = plugin?.token ?? await this.#token(user);
    const authorization = token !== undefined
      ? `Bearer ${token}`
      : user.username && `Basic ${btoa(`${user.username}:${user.password ?? ""}`)}`;
    const fileOrData = async (file: string | undefined, data: string | undefined) =>
      data ? atob(data) : file ? await Deno.readTextFile(file) : undefined;
    const [ca, cert, key] = await Promise.all([
      fileOrData(cluster["certificate-authority"], cluster["certificate-authority-data"]),
      plugin?.clientCertificateData ??
        fileOrData(user["client-certificate"], user["client-certificate-data"]),
      plugin?.clientKeyData ?? fileOrData(user["client-key"], user["client-key-data"]),
    ]);
    return {
      headers: { ...authorization && { Authorization: authorization }, ...impersonation(user) },
      tls: {
        ca,
        cert,
        key,
        servername: cluster["tls-server-name"] || undefined,
        ...cluster["insecure-skip-tls-verify"] && { rejectUnauthorized: false },
      },
    };
  }

  async #token(user: UserEntry): Promise<string | undefined> {
    if (user.tokenFile) return (await Deno.readTextFile(user.tokenFile)).trim();
    if (user.token) return user.token;
    const provider = user["auth-provider"];
    if (!provider) return undefined;
    if (provider.name !== "oidc") {
      throw new Error(`auth-provider "${provider.name}" has been replaced by a credential plugin`);
    }
    const before = this.#openId ?? Promise.resolve(provider.config ?? {});
    // Each goes on from what the one before has renewed; one that fails changes nothing.
    const renewed = before.then(openIdToken);
    this.#openId = renewed.catch(() => before);
    return (await renewed)["id-token"];
  }

  async #pluginCredential(entry: PluginEntry): Promise<PluginCredential> {
    const pending = this.#plugin;
    const known = pending && await pending.catch(() => undefined);
    if (known && isGood(known)) return known;
    // Of several calls the first one runs the plugin.
    if (this.#plugin === pending) {
      const { user, cluster } = this.#found;
      this.#plugin = runPlugin(entry, { user: user.name, cluster: cluster.cluster });
    }
    return await this.#plugin!;
  }
}

function impersonation(user: UserEntry): Record<string, string | string[]> {
  const { as, "as-uid": uid, "as-groups": groups } = user;
  return {
    ...as && { "Impersonate-User": as },
    ...uid && { "Impersonate-Uid": uid },
    ...groups && { "Impersonate-Group": [...groups] },
  };
}
