import type { Engine } from "../engine/engine.ts";
import { EngineError, orMissing } from "../engine/engine_error.ts";
import type { ContainerOptions } from "../docker_options.ts";
import { pullImage, type PullOptions } from "./pull_image.ts";

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
}

interface ImageInspection {
  readonly Id: string;
  readonly Architecture: string;
  readonly Os: string;
  readonly Config?: { readonly User?: string; readonly Env?: readonly string[] | null } | null;
}

/** Sees to it that an engine has the image that a node needs. */
export async function ensureImage(
  engine: Engine,
  options: Pick<ContainerOptions, "image" | "pull" | "platform">,
  pullOptions: Omit<PullOptions, "platform">,
): Promise<Image> {
  const { image, pull = "missing", platform } = options;
  const { signal } = pullOptions;
  const present = pull === "always" ? undefined : await inspect(engine, image, signal);
  if (present !== undefined && isFor(present, platform)) return present;
  const what = `use the image "${image}"`;
  if (pull === "never") {
    const reason = `the engine at ${engine.address} does not have it` +
      `${present ? ` for ${platform}` : ""}, and pull is "never"`;
    throw new EngineError(what, { reason });
  }
  await pullImage(engine, image, { ...pullOptions, platform }).catch((error) => {
    throw present && error instanceof EngineError ? otherPlatform(what, present, error) : error;
  });
  const pulled = await inspect(engine, image, signal);
  if (pulled !== undefined && isFor(pulled, platform)) return pulled;
  const reason = pulled === undefined
    ? "the engine pulled it and does not have it"
    : `the registry has it for ${pulled.os}/${pulled.architecture}, not for ${platform}`;
  throw new EngineError(what, { reason });
}

async function inspect(
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
  return { id: Id, architecture: Architecture, os: Os, user: Config?.User ?? "", env };
}

function splitVariable(variable: string): [string, string] {
  const end = variable.indexOf("=");
  return end < 0 ? [variable, ""] : [variable.slice(0, end), variable.slice(end + 1)];
}

/** A pull has failed that would not have been needed if the image were for the right platform. */
function otherPlatform(what: string, { os, architecture }: Image, cause: EngineError): EngineError {
  const reason = `the engine has it for ${os}/${architecture} only, and ${cause.reason}`;
  return new EngineError(what, { reason, status: cause.status, cause });
}

function isFor({ os, architecture }: Image, platform: string | undefined): boolean {
  return platform === undefined || platform === `${os}/${architecture}`;
}
