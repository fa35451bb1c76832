/**
 * The first packet of each connection: the runner's HELLO, the agent's WELCOME.
 *
 * @module
 */
import type { HostInfo } from "../host/host.ts";
import { decodeJson, decodePacket, encodeJson, encodePacket, FrameType } from "./frame.ts";
import { PROTOCOL_VERSION } from "./protocol.ts";
import { anything, flag, integer, oneOf, record, type Shape, text } from "./shape.ts";
import { ProtocolViolation } from "./violation.ts";

/** What a runner says on a new connection. */
export interface Hello {
  /** 32 lower-case hexadecimal digits. */
  readonly session: string;
  /** Whether the runner has had a WELCOME in this session before. */
  readonly resume: boolean;
  /** Packets that the runner has received in this session. */
  readonly received: number;
}

/** What an agent answers. */
export interface Welcome {
  /** Packets that the agent has received in this session. */
  readonly received: number;
  readonly host: HostInfo;
}

/** The two sides were built from different sources. */
export class VersionMismatch extends Error {
  override readonly name = "VersionMismatch";
}

const session: Shape<string> = (value, name) => {
  if (/^[0-9a-f]{32}$/.test(text(32)(value, name))) return String(value);
  throw new TypeError(`Cannot accept the request: ${name} is not 32 hexadecimal digits`);
};

const helloShape = record({
  protocol: anything(),
  session,
  resume: flag(),
  received: integer(),
});

const welcomeShape = record({
  protocol: anything(),
  received: integer(),
  host: record({
    rootDir: text(),
    os: oneOf(
      "linux",
      "darwin",
      "windows",
      "android",
      "freebsd",
      "netbsd",
      "aix",
      "solaris",
      "illumos",
    ),
    arch: oneOf("x86_64", "aarch64"),
  }),
});

/** A packet with HELLO. */
export function encodeHello(hello: Hello): Uint8Array<ArrayBuffer> {
  return encode(FrameType.hello, hello);
}

/** A packet with WELCOME. */
export function encodeWelcome(welcome: Welcome): Uint8Array<ArrayBuffer> {
  return encode(FrameType.welcome, welcome);
}

/**
 * What a runner's first packet says.
 *
 * @throws {VersionMismatch} if the runner speaks another version.
 * @throws {ProtocolViolation | TypeError} if it is not a HELLO.
 */
export function decodeHello(packet: Uint8Array<ArrayBuffer>): Hello {
  const value = decode(packet, FrameType.hello);
  checkVersion(value, (runner) => describeVersions(runner, PROTOCOL_VERSION));
  return helloShape(value, "the hello");
}

/**
 * What an agent's first packet says.
 *
 * @throws {VersionMismatch} if the agent speaks another version.
 * @throws {ProtocolViolation | TypeError} if it is not a WELCOME.
 */
export function decodeWelcome(packet: Uint8Array<ArrayBuffer>): Welcome {
  const value = decode(packet, FrameType.welcome);
  checkVersion(value, (agent) => describeVersions(PROTOCOL_VERSION, agent));
  return welcomeShape(value, "the welcome");
}

/** Says which side of two that do not fit is the older one, and what to do about it. */
export function describeVersions(runner: number, agent: number): string {
  const remedy = runner > agent
    ? 'rebuild the agent ("deno task agent")'
    : "update clustertest where the tests run";
  return `the runner speaks protocol ${runner}, the agent ${agent}: ${remedy}`;
}

function encode(type: FrameType, value: object): Uint8Array<ArrayBuffer> {
  const payload = encodeJson({ protocol: PROTOCOL_VERSION, ...value });
  return encodePacket({ type, stream: 0, channel: 0, payload });
}

function decode(packet: Uint8Array<ArrayBuffer>, type: FrameType): unknown {
  const [frame, ...others] = decodePacket(packet);
  if (frame?.type === type && others.length === 0) return decodeJson(frame);
  throw new ProtocolViolation("the first packet is not a hello");
}

/** Looks at the version before anything else, for all the rest may be different. */
function checkVersion(value: unknown, describe: (version: number) => string): void {
  const version = typeof value === "object" && value !== null && "protocol" in value
    ? value.protocol
    : undefined;
  if (version === PROTOCOL_VERSION) return;
  if (typeof version === "number") throw new VersionMismatch(describe(version));
  throw new ProtocolViolation("a hello without a version");
}
