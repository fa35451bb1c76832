/** Where a connection is to lead. */
export interface Target {
  readonly hostname: string;
  readonly port: number;
  /** Whether TLS is spoken there. */
  readonly secure: boolean;
}

/** The target of a URL. */
export function targetOf({ hostname, port, protocol }: URL): Target {
  const secure = protocol === "https:";
  return {
    hostname: hostname.replace(/^\[|\]$/g, ""),
    port: Number(port) || (secure ? 443 : 80),
    secure,
  };
}

/**
 * The proxy that the environment names for a target, as for `kubectl`: `HTTPS_PROXY` or `HTTP_PROXY`,
 * unless `NO_PROXY` says otherwise or the target is this machine's loopback.
 */
export function proxyFromEnvironment(
  target: Target,
  env: (name: string) => string | undefined,
): URL | undefined {
  const value = (name: string) => env(name) || env(name.toLowerCase());
  const proxy = value(target.secure ? "HTTPS_PROXY" : "HTTP_PROXY");
  if (!proxy || isLoopback(target.hostname)) return undefined;
  if ((value("NO_PROXY") ?? "").split(",").some((rule) => concerns(rule.trim(), target))) {
    return undefined;
  }
  return URL.parse(proxy.includes("://") ? proxy : `http://${proxy}`) ?? undefined;
}

function isLoopback(hostname: string): boolean {
  return /^(localhost|127\.[\d.]+|::1)$/i.test(hostname);
}

/** A rule is `*`, a name with its subdomains, a network, or one of them with a port. */
function concerns(rule: string, { hostname, port }: Target): boolean {
  if (rule === "") return false;
  if (rule === "*") return true;
  const [, name = rule, itsPort] = /^([^:]*):(\d+)$/.exec(rule) ?? [];
  if (itsPort !== undefined && Number(itsPort) !== port) return false;
  if (name.includes("/")) return isInNetwork(hostname, name);
  const domain = name.toLowerCase().replace(/^\*?\./, "");
  const host = hostname.toLowerCase();
  const isOfDomain = host.endsWith(`.${domain}`);
  return isOfDomain || host === domain && !/^\*?\./.test(name);
}

function isInNetwork(hostname: string, network: string): boolean {
  const [base, bits] = network.split("/");
  const [address, start] = [ipv4(hostname), ipv4(base!)];
  const size = Number(bits);
  if (address === undefined || start === undefined || !(size >= 0 && size <= 32)) return false;
  const unit = 2 ** (32 - size);
  return Math.floor(address / unit) === Math.floor(start / unit);
}

function ipv4(text: string): number | undefined {
  const parts = text.split(".");
  if (parts.length !== 4 || !parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) < 256)) {
    return undefined;
  }
  return parts.reduce((number, part) => number * 256 + Number(part), 0);
}
