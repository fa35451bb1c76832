import { type Emit, OngoingWork } from "../../events/mod.ts";
import type { Engine } from "../engine/engine.ts";
import { EngineError } from "../engine/engine_error.ts";
import { jsonLines } from "../engine/json_lines.ts";
import type { RegistryCredentials } from "../docker_options.ts";
import { SilenceLimit } from "./silence_limit.ts";
import { explainPullFailure } from "./pull_failure.ts";
import { parseReference } from "./reference.ts";
import { authHeader, findCredentials } from "./registry_credentials.ts";

/** How an image is fetched. */
export interface PullOptions {
  readonly platform?: string | undefined;
  /** @default those in `configDir` */
  readonly credentials?: RegistryCredentials | undefined;
  /** The Docker command line's folder. */
  readonly configDir: string;
  readonly emit: Emit;
  readonly signal: AbortSignal;
}

/** One line of an engine's account of a pull. */
interface PullLine {
  readonly id?: string;
  readonly status?: string;
  readonly progressDetail?: { readonly current?: number; readonly total?: number };
  readonly error?: string;
}

/** Milliseconds without a byte from the engine after which a pull is aborted. */
const SILENCE = 120_000;

/**
 * Has an engine fetch an image. Throws an `EngineError` that says whether the registry cannot be
 * reached, does not have the image, or gives no permission.
 */
export async function pullImage(
  engine: Engine,
  image: string,
  options: PullOptions,
): Promise<void> {
  const { emit } = options;
  const detail = { work: `pull ${image}`, kind: "pull", label: `pulling ${image}` } as const;
  await OngoingWork.during(emit, detail, async (work) => {
    const onProgress = (done: number, total: number) =>
      work.progress({ done, total, unit: "bytes" });
    await pull(engine, image, options, onProgress);
  });
}

async function pull(
  engine: Engine,
  image: string,
  options: PullOptions,
  onProgress: (done: number, total: number) => void,
): Promise<void> {
  const { platform, signal } = options;
  const reference = parseReference(image);
  const { registry, name, tag } = reference;
  const credentials = options.credentials ?? await findCredentials(registry, options.configDir);
  const what = `pull the image "${image}"`;
  using silence = new SilenceLimit(what, SILENCE);
  try {
    const stream = await engine.stream({
      what,
      method: "POST",
      path: "/images/create",
      query: { fromImage: name, tag, platform },
      registryAuth: credentials && authHeader(registry, credentials),
      deadline: SILENCE,
      signal: AbortSignal.any([signal, silence.signal]),
    });
    await follow(silence.watch(stream), onProgress);
  } catch (error) {
    signal.throwIfAborted();
    silence.signal.throwIfAborted();
    const said = error instanceof EngineError ? error.reason : (error as Error).message;
    const withCredentials = credentials !== undefined;
    const reason = explainPullFailure(said, reference, { withCredentials, platform });
    throw new EngineError(what, { reason, cause: error });
  }
}

/** Reads to the end: an engine tells of a failure in the last line. */
async function follow(
  stream: AsyncIterable<Uint8Array>,
  onProgress: (done: number, total: number) => void,
): Promise<void> {
  const layers = new Map<string, { current: number; total: number }>();
  for await (const line of jsonLines<PullLine>(stream)) {
    if (line.error !== undefined) throw new Error(line.error);
    const { current, total } = line.progressDetail ?? {};
    if (line.id === undefined || line.status !== "Downloading") continue;
    layers.set(line.id, { current: current ?? 0, total: total ?? current ?? 0 });
    const all = [...layers.values()];
    onProgress(
      all.reduce((sum, layer) => sum + layer.current, 0),
      all.reduce((sum, layer) => sum + layer.total, 0),
    );
  }
}
