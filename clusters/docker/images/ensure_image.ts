import type { Engine } from "../engine/engine.ts";
import { EngineError } from "../engine/engine_error.ts";
import type { ContainerOptions } from "../docker_options.ts";
import { type Image, inspectImage } from "./inspect_image.ts";
import { pullImage, type PullOptions } from "./pull_image.ts";

/** Sees to it that an engine has the image that a node needs. */
export async function ensureImage(
  engine: Engine,
  options: Pick<ContainerOptions, "image" | "pull" | "platform">,
  pullOptions: Omit<PullOptions, "platform">,
): Promise<Image> {
  const { image, pull = "missing", platform } = options;
  const { signal } = pullOptions;
  const present = pull === "always" ? undefined : await inspectImage(engine, image, signal);
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
  const pulled = await inspectImage(engine, image, signal);
  if (pulled !== undefined && isFor(pulled, platform)) return pulled;
  const reason = pulled === undefined
    ? "the engine pulled it and does not have it"
    : `the registry has it for ${pulled.os}/${pulled.architecture}, not for ${platform}`;
  throw new EngineError(what, { reason });
}

/** A pull has failed that would not have been needed if the image were for the right platform. */
function otherPlatform(what: string, { os, architecture }: Image, cause: EngineError): EngineError {
  const reason = `the engine has it for ${os}/${architecture} only, and ${cause.reason}`;
  return new EngineError(what, { reason, status: cause.status, cause });
}

function isFor({ os, architecture }: Image, platform: string | undefined): boolean {
  return platform === undefined || platform === `${os}/${architecture}`;
}
