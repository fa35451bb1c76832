import { parseOptions } from "./parse_options.ts";

/** The command line of an agent, checked. */
export interface AgentArguments {
  readonly listen: { readonly hostname: string; readonly port: number };
  /** The folder with the runner's sockets, which the agent calls at rather than listen. */
  readonly connect: string | undefined;
  /** A file, or `-` for standard input. */
  readonly launch: string;
  readonly root: string;
  readonly address: string | undefined;
  readonly confine: boolean;
  /** Milliseconds. */
  readonly lease: number;
  /** Milliseconds until the runner has come. */
  readonly startTimeout: number | undefined;
  readonly atEnd: "exit" | "shutdown";
  /** Milliseconds; infinite when there is no bound. */
  readonly maxLife: number;
  /** Whether the watch over the agent begins after the first half of the lease, and not with the agent. */
  readonly isWatchedLater: boolean;
}

/** What copies the agent's own program from one folder to another. */
export interface CopyRequest {
  readonly from: string;
  readonly to: string;
  /** The version that it has to be of. */
  readonly version: string | undefined;
}

/** Seconds of the longest span: what a timer takes, in milliseconds, has 31 bits. */
const LONGEST_SPAN = 2_147_483;

/** What an agent ends with. */
export const ExitCode = {
  /** It was asked to end. */
  asked: 0,
  /** It could not start. */
  failed: 1,
  /** Its command line was wrong. */
  usage: 2,
  /** No heartbeat came for the time of the lease. */
  lease: 3,
  /** It reached the end of its life. */
  maxLife: 4,
  /** The runner's sockets could not be reached. */
  unreachable: 5,
} as const;

/** What `--help` shows. */
export const HELP = `The agent of clustertest: does on a node what a test asks for.

Usage: agent --root DIR [options]

  --listen HOST:PORT   Where to listen; port 0 picks one (default 0.0.0.0:0)
  --connect DIR        Call at the runner's sockets in this folder, and listen nowhere
  --launch FILE        JSON with "caCertificate" (PEM), "token" and, if wanted, "env", which
                       what it starts sees as well; - is standard input (default -). A file
                       is removed as soon as it was read
  --root DIR           The folder at which relative paths begin; it is made if missing
  --address ADDRESS    The node's own address, where several nodes share a host: what has
                       no address of its own is then listened for there, and dialled there or,
                       as far as it belongs to the node, at the host's 127.0.0.1 and ::1
  --confine            Refuse to change files outside of the root folder
  --lease SECONDS      End when no heartbeat came for so long (default 60)
  --start-timeout SECONDS
                       Wait for the runner to come for so long, if that is longer than the lease:
                       where many agents start, it comes late to some
  --max-life SECONDS   End after so long, whatever comes (default: no bound)
  --at-end WHAT        What to do in these cases: exit, or shutdown, which powers the
                       machine off (default exit)
  --watch-later        Begin to watch over this agent when half of its lease has passed, or ten
                       seconds, so that it starts sooner: for one that is asked for nothing that
                       may hang
  --copy-from DIR      Copy the agent's program, which is in this folder, and do nothing else;
  --copy-to DIR          into this one, in which another program may start it then,
  --copy-version HASH    if it is of this version
  --kernel             Show what the kernel lacks for faults of networks, as JSON
  --version            Show the version of the protocol
  --help               Show this

When it listens it writes one line of JSON to standard output:
{"listening":{"hostname":"…","port":1234},"protocol":1}. Its log goes to standard error.

The agent makes its private key itself, and keeps it in memory. Nobody can use it without
the certificate that the runner's authority has signed; at a socket, without the token.

Exit codes: 0 it was asked to end, 1 it could not start, 2 wrong usage, 3 no heartbeat
came, 4 the end of its life was reached, 5 the runner's sockets could not be reached.
`;

/** Where an agent listens unless its command line says otherwise. */
const ANYWHERE = "0.0.0.0:0";

const options = {
  listen: { type: "string" },
  connect: { type: "string" },
  launch: { type: "string" },
  root: { type: "string" },
  address: { type: "string" },
  confine: { type: "boolean" },
  lease: { type: "string" },
  "at-end": { type: "string" },
  "start-timeout": { type: "string" },
  "max-life": { type: "string" },
  "watch-later": { type: "boolean" },
  "copy-from": { type: "string" },
  "copy-to": { type: "string" },
  "copy-version": { type: "string" },
  kernel: { type: "boolean" },
  version: { type: "boolean" },
  help: { type: "boolean" },
} as const;

/** Reads the command line; throws a `TypeError` that says what is wrong with it. */
export function parseCommandLine(
  args: string[],
): AgentArguments | CopyRequest | "help" | "kernel" | "version" {
  const values = parseOptions(args, options);
  if (values.help) return "help";
  if (values.version) return "version";
  if (values.kernel) return "kernel";
  const { "copy-from": from, "copy-to": to, "copy-version": version } = values;
  if (from !== undefined || to !== undefined) return parseCopy({ from, to, version });
  const { root, address, connect, listen } = values;
  const { launch = "-", confine = false, lease = "60", "at-end": atEnd = "exit" } = values;
  if (root === undefined) throw new TypeError("--root is missing");
  checkPath("--root", root);
  if (connect !== undefined) checkPath("--connect", connect);
  if (connect !== undefined && listen !== undefined) {
    throw new TypeError("--connect and --listen exclude each other");
  }
  if (atEnd !== "exit" && atEnd !== "shutdown") {
    throw new TypeError(`--at-end must be exit or shutdown, not "${atEnd}"`);
  }
  return {
    listen: parseListen(listen ?? ANYWHERE),
    connect,
    launch,
    root,
    address,
    confine,
    atEnd,
    lease: milliseconds("--lease", lease),
    startTimeout: span("--start-timeout", values["start-timeout"]),
    maxLife: span("--max-life", values["max-life"]) ?? Infinity,
    isWatchedLater: values["watch-later"] ?? false,
  };
}

function parseCopy(
  { from, to, version }: Partial<CopyRequest>,
): CopyRequest {
  if (from === undefined || to === undefined) {
    throw new TypeError("--copy-from and --copy-to need each other");
  }
  checkPath("--copy-from", from);
  checkPath("--copy-to", to);
  return { from, to, version };
}

function checkPath(option: string, value: string): void {
  // Agents run on Linux and macOS alone.
  if (value.startsWith("/")) return;
  throw new TypeError(`${option} must be an absolute path, not "${value}"`);
}

function parseListen(value: string): { hostname: string; port: number } {
  const [, hostname, digits] = /^\[?(.+?)\]?:(\d+)$/.exec(value) ?? [];
  const port = Number(digits);
  if (hostname === undefined || port > 65535) {
    throw new TypeError(`--listen must be HOST:PORT, not "${value}"`);
  }
  return { hostname, port };
}

/** Milliseconds; nothing if the option was not given. */
function span(option: string, value: string | undefined): number | undefined {
  return value === undefined ? undefined : milliseconds(option, value);
}

function milliseconds(option: string, value: string): number {
  const seconds = /^\d*\.?\d+$/.test(value) ? Number(value) : NaN;
  if (seconds > 0 && seconds <= LONGEST_SPAN) return seconds * 1000;
  throw new TypeError(
    `${option} must be seconds above 0 and at most ${LONGEST_SPAN}, not "${value}"`,
  );
}
