import type { HealthCheck } from "../../kit/mod.ts";
import type { Engine } from "../engine/engine.ts";
import { orMissing } from "../engine/engine_error.ts";
import { type HealthConfig, readHealthCheck } from "./health_check.ts";

/** What is to be known of an image that an engine has. */
export interface Image {
  /** Stays what it is when the reference comes to mean another image, as for another platform. */
  readonly id: string;
  /** `"amd64"`, `"arm64"`. */
  readonly architecture: string;
  readonly os: string;
  /** Whom its programs run as; empty for root. */
  readonly user: string;
  readonly env: Readonly<Record<string, string>>;
  /** Entrypoint and command of the program that it is for. */
  readonly command: readonly string[];
  /** The folder in which that starts; empty for the root. */
  readonly workingDir: string;
  readonly healthCheck: HealthCheck | undefined;
}

/** What an image says of containers that are made from it. */
interface ImageConfig extends HealthConfig {
  readonly User?: string;
  readonly Env?: readonly string[] | null;
  readonly Entrypoint?: readonly string[] | null;
  readonly Cmd?: readonly string[] | null;
  readonly WorkingDir?: string;
}

interface ImageInspection {
  readonly Id: string;
  readonly Architecture: string;
  readonly Os: string;
  readonly Config?: ImageConfig | null;
}

/** What an engine knows of an image; `undefined` if it does not have it. */
export async function inspectImage(
  engine: Engine,
  image: string,
  signal: AbortSignal,
): Promise<Image | undefined> {
  const found = await orMissing(engine.call<ImageInspection>({
    what: `inspect the image "${image}"`,
    method: "GET",
    path: `/images/${image}/json`,
    signal,
  }));
  if (found === undefined) return undefined;
  const { Id, Architecture, Os, Config } = found;
  const env = Object.fromEntries((Config?.Env ?? []).map(splitVariable));
  return {
    id: Id,
    architecture: Architecture,
    os: Os,
    user: Config?.User ?? "",
    env,
    command: [...Config?.Entrypoint ?? [], ...Config?.Cmd ?? []],
    workingDir: Config?.WorkingDir ?? "",
    healthCheck: readHealthCheck(Config ?? {}),
  };
}

function splitVariable(variable: string): [string, string] {
  const end = variable.indexOf("=");
  return end < 0 ? [variable, ""] : [variable.slice(0, end), variable.slice(end + 1)];
}
