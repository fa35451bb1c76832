import { delimiter, resolve } from "node:path";
import type { KubeAccess } from "./kube_access.ts";
import { type ConfigEntry, type RawKubeconfig, readKubeconfig } from "./read_kubeconfig.ts";
import { unusable } from "./unusable.ts";

/** Where a pod finds what its service account may use. */
const SERVICE_ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount";

/** A cluster, and who one is there. */
export interface FoundCluster {
  /** By which another process finds the same one. */
  readonly access: KubeAccess;
  /** Of the API server, with whatever path it has. */
  readonly server: URL;
  readonly namespace: string;
  /** The entry of the cluster, without what leads to it. */
  readonly cluster: ConfigEntry;
  /** The entry of the user. */
  readonly user: ConfigEntry;
  /** `proxy-url` of the cluster. */
  readonly proxy: URL | undefined;
}

/** Where a cluster is looked for. */
export interface Surroundings {
  readonly env: (name: string) => string | undefined;
  /** Folder with what a pod may use. @default where Kubernetes puts it */
  readonly serviceAccount?: string | undefined;
}

/** Those of this process. */
const HERE: Surroundings = { env: (name) => Deno.env.get(name) };

/**
 * Finds a cluster as `kubectl` does: by `KUBECONFIG`, by `~/.kube/config`, or in a pod by its service
 * account. Nothing is asked yet.
 *
 * @throws {BackendUnusableError} with a remedy, if none is named, or what names it makes no sense.
 */
export async function findCluster(
  access: KubeAccess,
  surroundings: Surroundings = HERE,
): Promise<FoundCluster> {
  const files = kubeconfigFiles(access, surroundings);
  const config = await readKubeconfig(files);
  if (config.contexts.length === 0 && access.kubeconfig === undefined) {
    const inside = await clusterAround(access, surroundings);
    if (inside) return inside;
  }
  return chosen(config, { files, access });
}

/** Absolute paths of the files that may be there. */
function kubeconfigFiles({ kubeconfig }: KubeAccess, { env }: Surroundings): string[] {
  const named = (kubeconfig ?? env("KUBECONFIG") ?? "").split(delimiter).filter(Boolean);
  if (named.length > 0) return named.map((file) => resolve(file));
  const home = env("HOME");
  return home ? [resolve(home, ".kube/config")] : [];
}

function chosen(
  config: RawKubeconfig,
  { files, access }: { readonly files: readonly string[]; readonly access: KubeAccess },
): FoundCluster {
  const name = access.context ?? config["current-context"];
  if (name === undefined) throw noContext(config, files);
  const entry = config.contexts.find((each) => each.name === name);
  if (!entry) throw unknownContext(name, config);
  const context = (entry.context ?? {}) as Record<string, string | undefined>;
  const cluster = named(config.clusters, context.cluster, `the cluster of context "${name}"`);
  const user = config.users.find((each) => each.name === context.user) ?? { name: "", user: {} };
  const { server, proxy } = addresses(cluster);
  const namespace = access.namespace ?? (context.namespace || "default");
  const kubeconfig = files.join(delimiter);
  return {
    access: { kubeconfig, context: name, namespace },
    server,
    namespace,
    cluster,
    user,
    proxy,
  };
}

/** The cluster in whose pod this process is. */
async function clusterAround(
  access: KubeAccess,
  { env, serviceAccount = SERVICE_ACCOUNT }: Surroundings,
): Promise<FoundCluster | undefined> {
  const host = env("KUBERNETES_SERVICE_HOST");
  const tokenFile = `${serviceAccount}/token`;
  if (!host || !await Deno.stat(tokenFile).catch(() => undefined)) return undefined;
  const its = await Deno.readTextFile(`${serviceAccount}/namespace`).catch(() => "");
  const port = env("KUBERNETES_SERVICE_PORT") ?? "443";
  const server = new URL(`https://${host.includes(":") ? `[${host}]` : host}:${port}`);
  const namespace = access.namespace ?? (its.trim() || "default");
  return {
    access: { namespace },
    server,
    namespace,
    cluster: {
      name: "in-cluster",
      cluster: { server: server.href, "certificate-authority": `${serviceAccount}/ca.crt` },
    },
    user: { name: "service-account", user: { tokenFile } },
    proxy: undefined,
  };
}

function addresses(entry: ConfigEntry): Pick<FoundCluster, "server" | "proxy"> {
  const cluster = (entry.cluster ?? {}) as Record<string, unknown>;
  const server = URL.parse(String(cluster.server));
  if (!server || !/^https?:$/.test(server.protocol)) {
    const reason = `cluster "${entry.name}" of the kubeconfig has no server`;
    throw unusable(reason, { remedy: "Give it the URL of its API server" });
  }
  const proxyUrl = cluster["proxy-url"];
  if (!proxyUrl) return { server, proxy: undefined };
  const proxy = URL.parse(String(proxyUrl));
  if (!proxy || !/^(https?|socks5h?):$/.test(proxy.protocol)) {
    const reason = `cluster "${entry.name}" of the kubeconfig names proxy "${proxyUrl}"`;
    throw unusable(reason, { remedy: "Name one by an http:, https: or socks5: URL" });
  }
  return { server, proxy };
}

function named(
  entries: readonly ConfigEntry[],
  name: string | undefined,
  what: string,
): ConfigEntry {
  const entry = entries.find((each) => each.name === name);
  if (entry) return entry;
  throw unusable(`${what} is "${name ?? ""}", which the kubeconfig does not have`, {
    remedy: "Mend the kubeconfig, or name another context",
  });
}

function noContext({ contexts }: RawKubeconfig, files: readonly string[]): Error {
  if (contexts.length > 0) {
    return unusable("the kubeconfig has no current context", {
      remedy: `Choose one by \`kubectl config use-context\`, or name it: ${listed(contexts)}`,
    });
  }
  const where = files.length > 0 ? ` in ${files.join(", ")}` : "";
  return unusable(`there is no kubeconfig${where}`, {
    remedy: "Name one by KUBECONFIG, or as the option `kubeconfig`",
  });
}

function unknownContext(name: string, { contexts }: RawKubeconfig): Error {
  return unusable(`the kubeconfig has no context "${name}"`, {
    remedy: contexts.length > 0 ? `It has ${listed(contexts)}` : "It has none at all",
  });
}

function listed(contexts: readonly ConfigEntry[]): string {
  return contexts.map(({ name }) => `"${name}"`).join(", ");
}
