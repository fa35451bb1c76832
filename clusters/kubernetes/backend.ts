import { delimiter, resolve } from "node:path";
import {
  AGENT_ABILITIES,
  type Backend,
  type BackendRecipe,
  type ClusterContext,
  type SweepOptions,
  type SweepReport,
} from "../kit/mod.ts";
import { atCaller, checkOptions } from "../options/mod.ts";
import { ONLY_IF_NEEDED } from "./abilities.ts";
import { KubeApi } from "./api/mod.ts";
import type { KubeAccess } from "./api/mod.ts";
import { KubernetesProvider } from "./kubernetes_provider.ts";
import type { KubernetesNodeOptions, KubernetesOptions } from "./kubernetes_options.ts";
import { checkTime, mergeOptions, validateOptions } from "./merge_options.ts";
import { KUBERNETES_KINDS, KUBERNETES_NODE_KINDS } from "./option_kinds.ts";
import type { ReachedBy } from "./agent_routes.ts";
import { sweepNamespace } from "./sweep.ts";

/** Milliseconds that a pod may live at most, whatever has failed. */
const MAX_LIFE = 24 * 60 * 60 * 1000;

/** What of a backend is about all of its nodes. */
interface BackendSettings {
  readonly access: KubeAccess;
  readonly reachedBy?: ReachedBy | undefined;
  readonly maxLife: number;
}

/**
 * Nodes are pods in a namespace of a Kubernetes cluster, which is found as `kubectl` finds it. Any image
 * will do, and none has to be pushed: a helper brings the agent into each pod before its container starts.
 * Nothing is started before a cluster is made; then everything is labelled `clustertest`, and given back
 * with the cluster.
 *
 * Throws a `TypeError` or `RangeError` when something in the options cannot be. Needs permission to read
 * the kubeconfig, to run the programs that it names for credentials, and to connect to the API server.
 *
 * ```ts
 * import { ok, throws } from "node:assert/strict";
 * import { kubernetes } from "@clustertest/clustertest/kubernetes";
 *
 * const backend = kubernetes({ image: "debian:13", namespace: "tests", memory: "256m" });
 * ok(backend.abilities.includes("restart"));
 * throws(() => kubernetes({ image: "debian:13", user: "postgres" }), TypeError);
 * ```
 */
export function kubernetes(options: KubernetesOptions = {}): Backend<KubernetesNodeOptions> {
  return atCaller(kubernetes, () => makeBackend(options));
}

function makeBackend(options: KubernetesOptions): KubernetesBackend {
  checkOptions("make kubernetes()", options, KUBERNETES_KINDS);
  const { kubeconfig, context, namespace, reachedBy, maxLife = MAX_LIFE, ...asked } = options;
  checkTime("maxLife", maxLife);
  const image = asked.image ?? variable("CLUSTERTEST_KUBERNETES_IMAGE");
  const helperImage = asked.helperImage ?? variable("CLUSTERTEST_KUBERNETES_HELPER_IMAGE");
  const defaults: KubernetesNodeOptions = { ...asked, image, helperImage };
  validateOptions(defaults);
  const access = { kubeconfig, context, namespace };
  return new KubernetesBackend({ access, reachedBy, maxLife }, defaults);
}

/** Who sweeps later may be in another folder, and have another environment. */
function absoluteFiles(kubeconfig = Deno.env.get("KUBECONFIG") ?? ""): string | undefined {
  const files = kubeconfig.split(delimiter).filter((file) => file !== "");
  return files.length === 0 ? undefined : files.map((file) => resolve(file)).join(delimiter);
}

function variable(name: string): string | undefined {
  return Deno.env.get(name) || undefined;
}

/** The backend that `CLUSTERTEST_BACKEND=kubernetes` means; `CLUSTERTEST_KUBERNETES_IMAGE` is its image. */
export function backendFromEnvironment(): Backend<KubernetesNodeOptions> {
  return kubernetes();
}

/** The backend that a recipe means: good for a sweep, from whatever process. */
export function backendFromRecipe(options: unknown): Backend<KubernetesNodeOptions> {
  return new KubernetesBackend({ access: options as KubeAccess, maxLife: MAX_LIFE }, {});
}

class KubernetesBackend implements Backend<KubernetesNodeOptions> {
  readonly name = "kubernetes";
  readonly abilities = AGENT_ABILITIES;
  readonly onlyIfNeeded = ONLY_IF_NEEDED;
  readonly nodeOptions = KUBERNETES_NODE_KINDS;
  readonly #settings: BackendSettings;
  readonly #defaults: KubernetesNodeOptions;

  constructor(settings: BackendSettings, defaults: KubernetesNodeOptions) {
    this.#settings = settings;
    this.#defaults = defaults;
  }

  get recipe(): BackendRecipe {
    const { access } = this.#settings;
    const options = { ...access, kubeconfig: absoluteFiles(access.kubeconfig) };
    return { module: import.meta.resolve("./mod.ts"), options };
  }

  get options(): KubernetesOptions {
    const { access, reachedBy, maxLife } = this.#settings;
    const kubeconfig = absoluteFiles(access.kubeconfig);
    return { ...access, kubeconfig, reachedBy, maxLife, ...this.#defaults };
  }

  async open(cluster: ClusterContext): Promise<KubernetesProvider> {
    // Without an image there is nothing to do for a cluster.
    if (this.#defaults.image !== undefined) mergeOptions(this.#defaults);
    const { access, reachedBy, maxLife } = this.#settings;
    const api = await KubeApi.open(access, { signal: cluster.signal });
    const defaults = this.#defaults;
    return await KubernetesProvider.open(api, { cluster, defaults, reachedBy, maxLife });
  }

  async sweep(options: SweepOptions = {}): Promise<SweepReport> {
    const { signal = new AbortController().signal } = options;
    using api = await KubeApi.open(this.#settings.access, { signal });
    return await sweepNamespace(api, options);
  }
}
