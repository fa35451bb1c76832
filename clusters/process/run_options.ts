import type { OutputMode } from "../../agent/host/host.ts";
import { kinds, type OptionKinds } from "../options/mod.ts";
import { SPAWN_KINDS, type SpawnOptions } from "./spawn_options.ts";

/** How a command is run by `node.run`. */
export interface RunOptions
  extends Omit<SpawnOptions, "stdin" | "stdout" | "stderr" | "essential"> {
  /** Where the output goes. `"piped"`: into the result. @default "piped" */
  readonly stdout?: Exclude<OutputMode, "log"> | undefined;
  /** As `stdout`. @default "piped" */
  readonly stderr?: Exclude<OutputMode, "log"> | undefined;
  /** Throw a `CommandError` when the command fails. @default true */
  readonly check?: boolean | undefined;
  /**
   * Bytes that each output may have. A command that writes more is killed, and a `CommandError` carries the
   * last part of what it wrote. @default 67108864, which is 64 MiB
   */
  readonly maxOutput?: number | undefined;
}

const { essential: _ofSpawnAlone, ...OF_BOTH } = SPAWN_KINDS;

/** The kinds of the options of `run`. `stdin` is among them because it is refused by an error of its own. */
export const RUN_KINDS: OptionKinds<RunOptions & Omit<SpawnOptions, "essential">> = {
  ...OF_BOTH,
  check: kinds.flag,
  maxOutput: kinds.number("bytes"),
};
