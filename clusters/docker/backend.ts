import type {
  Backend,
  BackendRecipe,
  ClusterContext,
  SweepOptions,
  SweepReport,
} from "../kit/mod.ts";
import { atCaller, checkOptions } from "../options/mod.ts";
import { DOCKER_KINDS, DOCKER_NODE_KINDS } from "./option_kinds.ts";
import { findEngine } from "./engine/find_engine.ts";
import { configDir, type EngineSelection, selectEngine } from "./engine/select_engine.ts";
import { BuildContext } from "./builds/build_context.ts";
import { planBuild } from "./builds/image_build.ts";
import { mergeOptions, validateOptions } from "./merge_options.ts";
import type { DockerNodeOptions, DockerOptions } from "./docker_options.ts";
import { ABILITIES } from "./abilities.ts";
import { DockerProvider } from "./docker_provider.ts";
import { sweepThisHost } from "../run_folder/mod.ts";
import { sweepEngine } from "./sweep.ts";

/**
 * Nodes are containers on an engine, which is found as the Docker command line finds it. Any image
 * will do. Nothing is started before a cluster is made; then everything is labelled `clustertest`, and
 * given back with the cluster. Only the agent stays on the engine, in a volume of 100 MB, for the next
 * run, and images that were built; `deno task sweep --caches` removes them.
 *
 * Nodes meet in their cluster's own network, where they find each other by name and at `address`. A
 * test may do to that what it likes: on an engine that is a program of this machine, agents call at
 * sockets that only their own containers have, and need no network. On another, they are reached over
 * TLS, through the engine's default network, in which nodes reach each other as well: let services use
 * `address`, which processes see as `CLUSTERTEST_ADDRESS`.
 *
 * Throws a `TypeError` or `RangeError` when something in the options cannot be. Needs permission to
 * read the variables of Docker's command line and its folder, to run programs (`ssh`, and those that
 * keep credentials), and to open connections to the engine.
 *
 * ```ts
 * import { ok, throws } from "node:assert/strict";
 * import { docker } from "@clustertest/clustertest/docker";
 *
 * const backend = docker({ image: "debian:13", memory: "256m", env: { LANG: "C.UTF-8" } });
 * ok(backend.abilities.includes("partition"));
 * throws(() => docker({ image: "debian:13", memory: "1m" }), RangeError);
 * ```
 */
export function docker(options: DockerOptions = {}): Backend<DockerNodeOptions> {
  return atCaller(docker, () => makeBackend(options));
}

function makeBackend(options: DockerOptions): DockerBackend {
  checkOptions("make docker()", options, DOCKER_KINDS);
  const { host, certPath, context, ...asked } = options;
  const image = absolute(asked.image) ?? Deno.env.get("CLUSTERTEST_DOCKER_IMAGE");
  const defaults: DockerNodeOptions = { ...asked, ...(image ? { image } : {}) };
  validateOptions(defaults);
  return new DockerBackend(selectEngine({ host, certPath, context }), defaults);
}

/** The current folder may be another one when the image is built. */
function absolute(image: DockerNodeOptions["image"]): DockerNodeOptions["image"] {
  return typeof image === "object" ? { ...image, context: planBuild(image).context } : image;
}

/** The backend that `CLUSTERTEST_BACKEND=docker` means; `CLUSTERTEST_DOCKER_IMAGE` is its image. */
export function backendFromEnvironment(): Backend<DockerNodeOptions> {
  return docker();
}

/** The backend that a recipe means: good for a sweep, from whatever process. */
export function backendFromRecipe(options: unknown): Backend<DockerNodeOptions> {
  return new DockerBackend(options as EngineSelection, {});
}

class DockerBackend implements Backend<DockerNodeOptions> {
  readonly name = "docker";
  readonly abilities = ABILITIES;
  readonly nodeOptions = DOCKER_NODE_KINDS;
  readonly recipe: BackendRecipe;
  #selection: EngineSelection;
  #defaults: DockerNodeOptions;

  constructor(selection: EngineSelection, defaults: DockerNodeOptions) {
    this.#selection = selection;
    this.#defaults = defaults;
    this.recipe = { module: import.meta.resolve("./mod.ts"), options: selection };
  }

  get options(): DockerOptions {
    const { host, certPath, context, env } = this.#selection;
    const isAsked = host !== undefined || context !== undefined;
    return {
      ...{ host: isAsked ? host : env.DOCKER_HOST, certPath },
      context: isAsked || env.DOCKER_HOST ? context : env.DOCKER_CONTEXT,
      ...this.#defaults,
    };
  }

  async open(cluster: ClusterContext): Promise<DockerProvider> {
    // Without an image there is nothing to do for an engine.
    if (this.#defaults.image !== undefined) {
      const { build } = mergeOptions(this.#defaults);
      if (build) await BuildContext.open(build);
    }
    const engine = await findEngine(this.#selection, cluster.signal);
    const defaults = this.#defaults;
    return await DockerProvider.open(engine, {
      cluster,
      defaults,
      configDir: configDir(this.#selection),
    });
  }

  async sweep(options: SweepOptions = {}): Promise<SweepReport> {
    // What the run has on this machine: the sockets of its agents.
    const here = await sweepThisHost(options);
    await using engine = await findEngine(this.#selection, options.signal);
    const there = await sweepEngine(engine, options);
    return { found: [...here.found, ...there.found] };
  }
}
