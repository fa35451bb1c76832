import { join } from "node:path";
import type { Engine } from "../engine/engine.ts";
import type { RegistryAuths } from "../engine/engine_call.ts";
import { hasStatus } from "../engine/engine_error.ts";
import { baseImages } from "./base_images.ts";
import type { ImageBuildOptions } from "./image_build_options.ts";
import { builtImageName } from "./built_images.ts";
import type { PlannedBuild } from "./image_build.ts";
import { inspectImage } from "../images/inspect_image.ts";
import { parseReference } from "../images/reference.ts";
import { authOf, findCredentials } from "../images/registry_credentials.ts";

/** What to look at: the digest of the files besides the options. */
interface LookOptions extends Pick<ImageBuildOptions, "platform" | "signal"> {
  readonly content: string;
}

/** All that goes into an image, as it is at the moment. */
export class BuildInputs {
  /** What the image is called that this makes. */
  readonly name: string;
  /** The images that it begins with, and the ids of those that the engine has. */
  readonly #bases: ReadonlyMap<string, string | undefined>;

  private constructor(name: string, bases: ReadonlyMap<string, string | undefined>) {
    this.name = name;
    this.#bases = bases;
  }

  /** Asks the engine for the base images. */
  static async look(
    engine: Engine,
    { context, dockerfile, target, args }: PlannedBuild,
    { content, platform, signal }: LookOptions,
  ): Promise<BuildInputs> {
    const text = await Deno.readTextFile(join(context, dockerfile));
    const bases = await Promise.all(
      baseImages(text, args).map(async (base) => [base, await idOf(engine, base, signal)] as const),
    );
    const { createHash } = await import("node:crypto");
    const sorted = Object.entries(args).sort(([one], [other]) => one < other ? -1 : 1);
    const all = [content, dockerfile, target, platform, sorted, bases];
    const digest = createHash("sha256").update(JSON.stringify(all)).digest("hex");
    return new BuildInputs(builtImageName(digest), new Map(bases));
  }

  /** The credentials for what is to be fetched: those of the options, or those that are stored. */
  async registryConfig(
    { pull, credentials, configDir }: Pick<ImageBuildOptions, "pull" | "credentials" | "configDir">,
  ): Promise<RegistryAuths> {
    const missing = [...this.#bases].filter(([, id]) => pull === "always" || id === undefined);
    const registries = new Set(missing.flatMap(([image]) => registryOf(image) ?? []));
    const found = await Promise.all([...registries].map(async (registry) => {
      const known = credentials ?? await findCredentials(registry, configDir);
      return known === undefined ? [] : [authOf(registry, known)];
    }));
    return Object.fromEntries(found.flat());
  }
}

/** `undefined` for an image that the engine does not have, or does not take for a name. */
async function idOf(
  engine: Engine,
  image: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    return (await inspectImage(engine, image, signal))?.id;
  } catch (error) {
    if (hasStatus(error, 400, 500)) return undefined;
    throw error;
  }
}

/** `undefined` for what is no reference: that is for the engine to say. */
function registryOf(image: string): string | undefined {
  try {
    return parseReference(image).registry;
  } catch {
    return undefined;
  }
}
