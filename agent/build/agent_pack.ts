/**
 * What an agent pack is: a folder that holds everything an agent needs to run, and how to start it.
 *
 * @module
 */

/** The machines for which a pack can be made. `"native"` is this host, with its installed Deno. */
export type AgentTarget = "x86_64-unknown-linux-gnu" | "aarch64-unknown-linux-gnu" | "native";

/** A target that is another machine: its pack carries all that the agent needs. */
export type LinuxTarget = Exclude<AgentTarget, "native">;

/** The Linux targets, in the order in which `deno task agent` makes them. */
export const linuxTargets: readonly LinuxTarget[] = [
  "x86_64-unknown-linux-gnu",
  "aarch64-unknown-linux-gnu",
];

/** Every target. */
export const agentTargets: readonly AgentTarget[] = [...linuxTargets, "native"];

/** A complete pack in a folder of this machine. It is never changed once it is there. */
export interface AgentPack {
  /** The machines that it is for. */
  readonly target: AgentTarget;
  /** Hash of the content: two packs with the same version are the same, byte for byte. */
  readonly version: string;
  /** Hash of the sources that the agent was made from. */
  readonly sources: string;
  /** Absolute path of the folder. */
  readonly dir: string;
  /** What is in the folder, sorted by path; `manifest.json` is not listed. */
  readonly files: readonly PackFile[];
  /** Bytes of all files together. */
  readonly size: number;
  /** How the agent was made, for a line of a report. */
  readonly runtime: string;
  /**
   * Variables that the agent needs. It removes them from the environment of the processes that it
   * starts.
   */
  readonly env: Readonly<Record<string, string>>;
  /**
   * The arguments that start the agent where the pack is installed in `installDir`, an absolute
   * path; the agent's own arguments follow.
   */
  command(installDir: string): string[];
}

/** One file of a pack. */
export interface PackFile {
  /** Relative to the pack's folder, with slashes. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** Permission bits. */
  readonly mode: number;
  /** Lower-case hexadecimal. */
  readonly sha256: string;
}

/** What a long build says about where it is. */
export interface BuildProgress {
  /** Completes "is …": "bundling the agent". */
  readonly label: string;
  /** Bytes so far, where the step is a download. */
  readonly done?: number | undefined;
  /** Bytes in all. */
  readonly total?: number | undefined;
}

/** What every step of a build takes. */
export interface BuildOptions {
  /** Aborting ends the programs that were started and removes what was half made. */
  readonly signal?: AbortSignal | undefined;
  /** Called for each step, and for bytes as they come. */
  readonly onProgress?: ((progress: BuildProgress) => void) | undefined;
}
