import type { AuthorCall, Member } from "../calls/mod.ts";
import type { ImageProgram } from "../kit/mod.ts";
import { kinds, type OptionKinds } from "../options/mod.ts";
import {
  type Process,
  type ProcessContext,
  SPAWN_KINDS,
  type SpawnOptions,
  spawnProcess,
} from "../process/mod.ts";
import { awaitHealthy } from "./await_healthy.ts";

/** How the program of an image is started by `node.spawnImage`. */
export interface SpawnImageOptions extends SpawnOptions {
  /**
   * Waits until the image's `HEALTHCHECK` succeeds, which is run as an engine does: at its interval,
   * the first time after one, within its timeout, with its start period and its retries. Rejects with
   * the last output of the check when the program is unhealthy, with a `ProcessEndedError` when it
   * ends, and with the reason of `cluster.signal` when the test is over; the program is killed then.
   * @default false
   */
  readonly healthy?: boolean | undefined;
}

/** Of `spawnImage`. */
export const SPAWN_IMAGE_KINDS: OptionKinds<SpawnImageOptions> = {
  ...SPAWN_KINDS,
  healthy: kinds.flag,
};

/** What `node.spawnImage` was asked for. */
export interface SpawnImageRequest {
  /** The member that is called. */
  readonly spawnImage: Member;
  readonly program: ImageProgram;
  readonly options: SpawnImageOptions;
}

/** Starts the program of an image for `node.spawnImage`, and waits until it is healthy if asked to. */
export async function spawnImage(
  context: ProcessContext,
  call: AuthorCall,
  { spawnImage, program, options }: SpawnImageRequest,
): Promise<Process> {
  const { healthy = false, ...asked } = options;
  const { command: [command, ...args], image, cwd, user, healthCheck } = program;
  if (command === undefined) {
    throw new TypeError(
      `Cannot start the program of the image "${image}": it has no ENTRYPOINT and no CMD. ` +
        "Name a program: node.spawn(command, args)",
    );
  }
  if (healthy && !healthCheck) {
    throw new TypeError(
      `Cannot wait until the program of the image "${image}" is healthy: the image has no ` +
        "HEALTHCHECK. Wait for what it does: node.waitForPort(port), process.waitForOutput(pattern)",
    );
  }
  const own = { cwd, ...user === undefined ? {} : { user } };
  const process = await spawnProcess(context, {
    spawn: spawnImage,
    command,
    args,
    options: { ...own, ...asked },
  });
  if (!healthy) return process;
  try {
    const { env, clearEnv, user: other = user } = asked;
    const options = { cwd: asked.cwd ?? cwd, env, clearEnv, user: other };
    await awaitHealthy(context, call, { process, healthCheck: healthCheck!, options });
    return process;
  } catch (error) {
    // Nobody else has it. What keeps it from its end is named by the end of its node.
    await Promise.resolve(process[Symbol.asyncDispose]()).catch(() => {});
    throw error;
  }
}
