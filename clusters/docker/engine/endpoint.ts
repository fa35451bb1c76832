/**
 * Where an engine listens, in the notation of `DOCKER_HOST`.
 *
 * @module
 */

/** The address of an engine and what it takes to talk to it. Plain JSON without secrets. */
export type Endpoint = UnixEndpoint | TcpEndpoint | SshEndpoint;

/** An engine on this machine. */
export interface UnixEndpoint {
  readonly kind: "unix";
  readonly path: string;
}

/** An engine behind a TCP port; TLS where `tls` is there. */
export interface TcpEndpoint {
  readonly kind: "tcp";
  readonly hostname: string;
  readonly port: number;
  readonly tls?: TlsFiles | undefined;
}

/** An engine on a machine that one can log in to. */
export interface SshEndpoint {
  readonly kind: "ssh";
  /** Where `ssh` connects to: `[user@]host`. */
  readonly destination: string;
  readonly port?: number | undefined;
  /** Path of the engine's socket over there. */
  readonly socket: string;
}

/** Where the certificates of a TLS connection are. */
export interface TlsFiles {
  /** Folder that holds `ca.pem`, and `cert.pem` and `key.pem` for engines that ask for them. */
  readonly dir: string;
  /** Whether the engine has to show a certificate that `ca.pem` vouches for. */
  readonly verify: boolean;
}

/** Where an engine's socket is unless something else is said. */
export const DEFAULT_SOCKET = "/var/run/docker.sock";

/**
 * Reads an address as the Docker command line does: `unix:///path`, `tcp://host:port`,
 * `http(s)://host:port`, `ssh://[user@]host[:port][/path/of/socket]`.
 */
export function parseEndpoint(address: string, tls?: TlsFiles): Endpoint {
  if (address.startsWith("unix://")) {
    return { kind: "unix", path: address.slice("unix://".length) || DEFAULT_SOCKET };
  }
  const url = URL.parse(address.includes("://") ? address : `tcp://${address}`);
  if (url?.hostname && url.protocol === "ssh:") return sshEndpoint(url);
  if (url?.hostname && ["tcp:", "http:", "https:"].includes(url.protocol)) {
    return tcpEndpoint(url, url.protocol === "http:" ? undefined : tls);
  }
  throw new TypeError(
    `Cannot use "${address}" as the address of a Docker engine: it is none of ` +
      `"unix:///path", "tcp://host:port" and "ssh://user@host"`,
  );
}

function sshEndpoint({ username, hostname: inUrl, port, pathname }: URL): SshEndpoint {
  const user = decodeURIComponent(username);
  const hostname = withoutBrackets(inUrl);
  return {
    kind: "ssh",
    destination: user === "" ? hostname : `${user}@${hostname}`,
    port: port === "" ? undefined : Number(port),
    socket: pathname === "" || pathname === "/" ? DEFAULT_SOCKET : pathname,
  };
}

function tcpEndpoint({ hostname, port }: URL, tls: TlsFiles | undefined): TcpEndpoint {
  const usual = tls === undefined ? 2375 : 2376;
  return {
    kind: "tcp",
    hostname: withoutBrackets(hostname),
    port: port === "" ? usual : Number(port),
    tls,
  };
}

/** Those of an IPv6 address belong to the URL. */
function withoutBrackets(hostname: string): string {
  return hostname.replace(/^\[|\]$/g, "");
}

function withBrackets(hostname: string): string {
  return hostname.includes(":") ? `[${hostname}]` : hostname;
}

/** The address in the notation of `DOCKER_HOST`. */
export function formatEndpoint(endpoint: Endpoint): string {
  switch (endpoint.kind) {
    case "unix":
      return `unix://${endpoint.path}`;
    case "tcp": {
      const { hostname, port } = endpoint;
      return `tcp://${withBrackets(hostname)}:${port}`;
    }
    case "ssh": {
      const { destination, port, socket } = endpoint;
      const [, user = "", hostname = ""] = /^(.*@)?(.*)$/.exec(destination) ?? [];
      const path = socket === DEFAULT_SOCKET ? "" : socket;
      return `ssh://${user}${withBrackets(hostname)}${port === undefined ? "" : `:${port}`}${path}`;
    }
    default:
      return endpoint satisfies never;
  }
}
