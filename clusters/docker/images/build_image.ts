import { join } from "node:path";
import { type Emit, OngoingWork } from "../../events/mod.ts";
import type { Engine } from "../engine/engine.ts";
import { EngineError, orMissing } from "../engine/engine_error.ts";
import { jsonLines } from "../engine/json_lines.ts";
import type { ContainerOptions } from "../docker_options.ts";
import { baseImages } from "./base_images.ts";
import { BuildContext } from "./build_context.ts";
import { type BuildLine, BuildLog, type BuildStep } from "./build_log.ts";
import { inBuildTurn } from "./build_turn.ts";
import { builtImageName } from "./built_images.ts";
import { HiddenValues } from "./hidden_values.ts";
import type { PlannedBuild } from "./image_build.ts";
import { type Image, inspectImage } from "./inspect_image.ts";
import { SilenceLimit } from "./silence_limit.ts";

/** How an image is built. */
export interface BuildOptions {
  /** With `"always"` it is built anew, and base images are fetched anew. */
  readonly pull?: ContainerOptions["pull"];
  readonly platform?: ContainerOptions["platform"];
  readonly emit: Emit;
  readonly signal: AbortSignal;
}

/** Milliseconds without a word from the engine after which a build is aborted: a step may be silent. */
const SILENCE = 15 * 60_000;

/** Characters of a step that are shown as progress. */
const SHOWN = 60;

/** What is built, for errors and events. */
function titleOf({ context, target }: PlannedBuild): string {
  return target === undefined ? `"${context}"` : `"${context}" (target ${target})`;
}

/**
 * Sees to it that an engine has the image that a folder makes, and resolves to it. It has a name that
 * stands for all that goes into it; if the engine has that, nothing is sent. Throws an `EngineError`
 * with the step that has failed, and what that wrote.
 */
export async function ensureBuiltImage(
  engine: Engine,
  build: PlannedBuild,
  options: BuildOptions,
): Promise<Image> {
  const { signal, pull } = options;
  const context = await BuildContext.open(build);
  const content = await context.digest(signal);
  const name = () => nameOf(engine, build, { ...options, content });
  return await inBuildTurn(content, signal, async () => {
    const present = pull === "always"
      ? undefined
      : await inspectImage(engine, await name(), signal);
    if (present) return present;
    const provisional = await name();
    const id = await OngoingWork.during(
      options.emit,
      { work: `build ${provisional}`, kind: "build", label: labelOf(build) },
      (work) => sendBuild(engine, build, { ...options, context, name: provisional, work }),
    );
    await rename(engine, { id, from: provisional, to: await name() }, signal);
    const built = await inspectImage(engine, id, signal);
    if (built) return built;
    throw new EngineError(`build ${titleOf(build)}`, {
      reason: "the engine does not have the image",
    });
  });
}

/** Names the work, with the beginning of a step: some have pages of text. */
function labelOf(build: PlannedBuild, step?: string): string {
  const label = `building the image of ${titleOf(build)}`;
  if (step === undefined) return label;
  const [line = ""] = step.split("\n");
  return `${label}: ${line.length > SHOWN ? `${line.slice(0, SHOWN)}…` : line}`;
}

/** What the image is called that all of this makes. */
async function nameOf(
  engine: Engine,
  { context, dockerfile, target, args }: PlannedBuild,
  { content, platform, signal }: BuildOptions & { readonly content: string },
): Promise<string> {
  const text = await Deno.readTextFile(join(context, dockerfile));
  const bases = await Promise.all(
    baseImages(text, args).map(async (base) => (await baseId(engine, base, signal)) ?? ""),
  );
  const { createHash } = await import("node:crypto");
  const sorted = Object.entries(args).sort(([one], [other]) => one < other ? -1 : 1);
  const all = JSON.stringify([content, dockerfile, target, platform, sorted, bases]);
  return builtImageName(createHash("sha256").update(all).digest("hex"));
}

/** `undefined` for one that the engine does not have, or does not take for a name. */
async function baseId(
  engine: Engine,
  image: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    return (await inspectImage(engine, image, signal))?.id;
  } catch (error) {
    if (error instanceof EngineError && error.status !== undefined) return undefined;
    throw error;
  }
}

/** A build fetches base images that were not there, by whose ids the image is known from now on. */
async function rename(
  engine: Engine,
  { id, from, to }: { readonly id: string; readonly from: string; readonly to: string },
  signal: AbortSignal,
): Promise<void> {
  if (from === to) return;
  const [repo, tag] = to.split(":");
  const what = "name the image that was built";
  await engine.call({
    what,
    method: "POST",
    path: `/images/${id}/tag`,
    query: { repo, tag },
    signal,
  });
  const path = `/images/${from}`;
  await orMissing(engine.call({ what, method: "DELETE", path, signal }));
}

/** What a build is sent with. */
interface Sending extends BuildOptions {
  readonly context: BuildContext;
  readonly name: string;
  readonly work: OngoingWork;
}

/** Has the engine build; resolves to the image's id. Aborting ends the build there. */
async function sendBuild(
  engine: Engine,
  build: PlannedBuild,
  { context, name, work, platform, pull, signal }: Sending,
): Promise<string> {
  const { dockerfile, target, args } = build;
  const what = `build ${titleOf(build)}`;
  const hidden = new HiddenValues(args);
  const log = new BuildLog(hidden);
  using silence = new SilenceLimit(what, SILENCE);
  const until = AbortSignal.any([signal, silence.signal]);
  try {
    const stream = await engine.stream({
      what,
      method: "POST",
      path: "/build",
      query: {
        t: name,
        dockerfile,
        target,
        platform,
        buildargs: JSON.stringify(args),
        pull: pull === "always" ? true : undefined,
        rm: true,
        forcerm: true,
        version: 1,
      },
      archive: await context.archive(until),
      deadline: SILENCE,
      signal: until,
    });
    const onStep = ({ number, total, text }: BuildStep) =>
      work.progress({
        done: number - 1,
        total,
        unit: "steps",
        label: labelOf(build, text),
      });
    return await follow(silence.watch(stream), log, onStep);
  } catch (error) {
    signal.throwIfAborted();
    silence.signal.throwIfAborted();
    const said = error instanceof EngineError ? error.reason : (error as Error).message;
    const status = error instanceof EngineError ? error.status : undefined;
    // No cause: what it says may have a value of the arguments in it.
    throw new EngineError(what, { reason: log.failure(said), status });
  }
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
  return id;
}
