import type { ImageReference } from "./reference.ts";

/** What an engine says when it cannot reach a registry. */
const UNREACHABLE =
  /no such host|connection refused|no route to host|network is unreachable|i\/o timeout|context deadline exceeded|Client\.Timeout|server misbehaving|TLS handshake|certificate|server gave HTTP response|Temporary failure in name resolution|\bEOF\b|connect: /i;

/** What registries say to a stranger. Some say so of what does not exist, too. */
const DENIED = /unauthorized|authentication required|denied|forbidden|no basic auth|\b40[13]\b/i;

/** What registries say of what they do not have. */
const UNKNOWN = /manifest.* unknown|not found|name unknown|repository .*does not exist|\b404\b/i;

/** What an engine says of an image that is there, but not for this platform. */
const PLATFORM =
  /no matching manifest|does not match the specified platform|no match for platform/i;

/** Why an image could not be fetched, and what to do, from what the engine said. */
export function explainPullFailure(
  said: string,
  { registry, name, tag }: ImageReference,
  { withCredentials, platform }: { withCredentials: boolean; platform?: string | undefined },
): string {
  if (PLATFORM.test(said)) {
    return `the registry "${registry}" has no such image for ${
      platform ?? "this engine's platform"
    }`;
  }
  if (DENIED.test(said)) {
    const remedy = withCredentials
      ? `these credentials may not read "${name}"`
      : `no credentials were found for it. Do "docker login ${registry}", or say credentials`;
    const doubt = /does not exist/.test(said) ? " (or there is no such image)" : "";
    return `the registry "${registry}" gives no permission${doubt}: ${remedy}`;
  }
  if (UNKNOWN.test(said)) return `the registry "${registry}" has no image "${name}:${tag}"`;
  if (UNREACHABLE.test(said)) {
    return `the registry "${registry}" cannot be reached from the engine. If the image is to come ` +
      'from elsewhere ("docker build", "docker load"), do that first, with the same name';
  }
  return said;
}
