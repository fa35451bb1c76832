/** Variables that say which proxies are asked for what, with the way in which each is written. */
const VARIABLES = [
  "HTTP_PROXY",
  "HTTPS_PROXY",
  "NO_PROXY",
  "http_proxy",
  "https_proxy",
  "no_proxy",
];

/**
 * What of an environment says how an engine is reached, as with Docker's command line: by the proxies
 * that are named there, unless the engine is at a loopback address.
 */
export function engineProxies(
  hostname: string,
  environment: Readonly<Record<string, string>>,
): Record<string, string> {
  if (/^(localhost|127\..*|::1)$/i.test(hostname)) return {};
  return Object.fromEntries(
    VARIABLES.flatMap((name) => {
      const value = environment[name];
      return value ? [[name, value]] : [];
    }),
  );
}
