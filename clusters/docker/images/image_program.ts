import type { ImageProgram } from "../../kit/mod.ts";
import type { ContainerOptions } from "../docker_options.ts";
import type { Image } from "./inspect_image.ts";

/** What an engine has a container do that is made from an image. */
export function programOf(
  { command, workingDir, user, healthCheck }: Image,
  { image, user: agentUser = user }: Pick<ContainerOptions, "image" | "user">,
): ImageProgram {
  // An image that names no user means root, whose number is known everywhere.
  const other = agentUser === user ? undefined : user || "0";
  return { image, command, cwd: workingDir || "/", user: other, healthCheck };
}
