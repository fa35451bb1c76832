import type { Emit } from "../../events/mod.ts";
import type { ContainerOptions } from "../docker_options.ts";

/** How an image is built. */
export interface ImageBuildOptions
  extends Pick<ContainerOptions, "pull" | "platform" | "credentials"> {
  /** The Docker command line's folder, which holds the credentials of registries. */
  readonly configDir: string;
  readonly emit: Emit;
  readonly signal: AbortSignal;
}
