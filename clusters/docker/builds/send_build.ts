import type { OngoingWork } from "../../events/mod.ts";
import type { Engine } from "../engine/engine.ts";
import type { RegistryAuths } from "../engine/engine_call.ts";
import { EngineError } from "../engine/engine_error.ts";
import { jsonLines } from "../engine/json_lines.ts";
import type { BuildContext } from "./build_context.ts";
import type { ImageBuildOptions } from "./image_build_options.ts";
import { type BuildLine, BuildLog, type BuildStep } from "./build_log.ts";
import { namePart } from "./built_images.ts";
import { HiddenValues } from "./hidden_values.ts";
import { buildTitle, type PlannedBuild } from "./image_build.ts";
import { SilenceLimit } from "../images/silence_limit.ts";

/** Milliseconds without a word from the engine after which a build is aborted: a step may be silent. */
const SILENCE = 15 * 60_000;

/** Characters of a step that are shown as progress. */
const SHOWN = 60;

/** What a build is sent with. */
export interface SendOptions extends Pick<ImageBuildOptions, "platform" | "pull" | "signal"> {
  readonly context: BuildContext;
  /** What the image is to be called. */
  readonly name: string;
  readonly registryConfig: RegistryAuths;
  readonly work: OngoingWork;
}

/** Names the work, with the beginning of a step: some have pages of text. */
export function buildLabel(build: PlannedBuild, step?: string): string {
  const label = `building the image of ${buildTitle(build)}`;
  if (step === undefined) return label;
  const [line = ""] = step.split("\n");
  return `${label}: ${line.length > SHOWN ? `${line.slice(0, SHOWN)}…` : line}`;
}

/** Has an engine build an image; resolves to its id. Aborting ends the build there. */
export async function sendBuild(
  engine: Engine,
  build: PlannedBuild,
  options: SendOptions,
): Promise<string> {
  const { signal, work } = options;
  const what = `build ${buildTitle(build)}`;
  const log = new BuildLog(new HiddenValues(build.args));
  using silence = new SilenceLimit(what, SILENCE);
  try {
    const until = AbortSignal.any([signal, silence.signal]);
    const stream = await send(engine, build, { ...options, what, signal: until });
    return await follow(silence.watch(stream), log, ({ number, total, text }) => {
      const label = buildLabel(build, text);
      work.progress({ done: number - 1, total, unit: "steps", label });
    });
  } catch (error) {
    signal.throwIfAborted();
    silence.signal.throwIfAborted();
    const said = error instanceof EngineError ? error.reason : (error as Error).message;
    const status = error instanceof EngineError ? error.status : undefined;
    // Without a cause: a value of the arguments may be in it.
    throw new EngineError(what, { reason: log.failure(said), status });
  } finally {
    // A stage, or what was made before the failure, has no name; without one no sweep would find it.
    await Promise.allSettled(log.parts.map((id) => namePart(engine, id)));
  }
}

async function send(
  engine: Engine,
  { dockerfile, target, args }: PlannedBuild,
  { context, name, platform, pull, registryConfig, signal, what }: SendOptions & { what: string },
): Promise<AsyncIterable<Uint8Array>> {
  const query = {
    t: name,
    dockerfile,
    target,
    platform,
    buildargs: JSON.stringify(args),
    pull: pull === "always" ? true : undefined,
    rm: true,
    forcerm: true,
    version: 1,
  };
  return await engine.stream({
    what,
    method: "POST",
    path: "/build",
    query,
    registryConfig,
    archive: await context.archive(signal),
    deadline: SILENCE,
    signal,
  });
}

/** Reads to the end: an engine tells of a failure in the last line. */
async function follow(
  stream: AsyncIterable<Uint8Array>,
  log: BuildLog,
  onStep: (step: BuildStep) => void,
): Promise<string> {
  let id: string | undefined;
  for await (const line of jsonLines<BuildLine>(stream)) {
    if (line.error !== undefined) throw new Error(line.error);
    const step = log.take(line);
    if (step) onStep(step);
    id = line.aux?.ID ?? id;
  }
  if (id === undefined) throw new Error("the engine does not say what it has built");
  log.finish();
  return id;
}
