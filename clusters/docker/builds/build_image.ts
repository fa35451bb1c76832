import { OngoingWork } from "../../events/mod.ts";
import type { Engine } from "../engine/engine.ts";
import { EngineError } from "../engine/engine_error.ts";
import { BuildContext } from "./build_context.ts";
import { BuildInputs } from "./build_inputs.ts";
import { inBuildTurn } from "./build_turn.ts";
import { nameImage, removeBuiltImage } from "./built_images.ts";
import { buildTitle, type PlannedBuild } from "./image_build.ts";
import type { ImageBuildOptions } from "./image_build_options.ts";
import { type Image, inspectImage } from "../images/inspect_image.ts";
import { buildLabel, sendBuild } from "./send_build.ts";

/**
 * Sees to it that an engine has the image that a folder makes, and resolves to it. Its name stands for
 * all that goes into it; if the engine has that, nothing is sent. Throws an `EngineError` with the step
 * that has failed, and what that wrote.
 */
export async function ensureBuiltImage(
  engine: Engine,
  build: PlannedBuild,
  options: ImageBuildOptions,
): Promise<Image> {
  const { pull, signal } = options;
  const context = await BuildContext.open(build);
  const content = await context.digest(signal);
  return await inBuildTurn(content, signal, async () => {
    const inputs = await BuildInputs.look(engine, build, { ...options, content });
    const present = pull === "always" ? undefined : await inspectImage(engine, inputs.name, signal);
    return present ?? await buildNow(engine, build, { ...options, content, context, inputs });
  });
}

/** A build, and what goes into it as it is now. */
interface Building extends ImageBuildOptions {
  readonly content: string;
  readonly context: BuildContext;
  readonly inputs: BuildInputs;
}

async function buildNow(engine: Engine, build: PlannedBuild, building: Building): Promise<Image> {
  const { emit, inputs, signal } = building;
  const detail = { work: `build ${inputs.name}`, kind: "build", label: buildLabel(build) } as const;
  const id = await OngoingWork.during(emit, detail, async (work) => {
    const registryConfig = await inputs.registryConfig(building);
    const { name } = inputs;
    return await sendBuild(engine, build, { ...building, name, registryConfig, work });
  });
  // Base images that were not there were fetched; by their ids the image is known from now on.
  const { name } = await BuildInputs.look(engine, build, building);
  if (name !== inputs.name) {
    await nameImage(engine, id, name);
    await removeBuiltImage(engine, inputs.name);
  }
  const built = await inspectImage(engine, id, signal);
  if (built) return built;
  const reason = "the engine has built it and does not have it";
  throw new EngineError(`build ${buildTitle(build)}`, { reason });
}
