/**
 * What a hostile or broken runner might send, for property-based tests.
 *
 * @module
 */
import fc from "fast-check";
import { FrameType } from "../wire/frame.ts";
import { OPERATION_STREAMS } from "../wire/protocol.ts";

/** One thing that is sent. */
export type Act =
  /** A binary message. */
  | { readonly kind: "packet"; readonly bytes: Uint8Array }
  /** A text message. */
  | { readonly kind: "text"; readonly text: string }
  /** Bytes that are no WebSocket frame. */
  | { readonly kind: "raw"; readonly bytes: Uint8Array };

/** How it ends. */
export type Ending = "close" | "cut" | "half-close";

const OPERATIONS = [
  ...Object.keys(OPERATION_STREAMS),
  ...[
    "stat",
    "lstat",
    "mkdir",
    "remove",
    "rename",
    "copy",
    "chmod",
    "chown",
    "symlink",
    "readLink",
  ],
  ...["realPath", "makeTemp", "list", "download", "listen", "hostname", "explode", "__proto__", ""],
];

const PATHS = ["", ".", "file", "folder/x", "\u0000", "nowhere/at/all", "é\ud800", "x".repeat(300)];

const path = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...PATHS) },
  { weight: 1, arbitrary: fc.integer({ min: 4_000, max: 80_000 }).map((n) => "y".repeat(n)) },
);

const value = fc.oneof(
  { weight: 3, arbitrary: path },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 3 }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(-1, 0.5, 2 ** 53, null, true, [], {}, 'SIGTERM"', 1e308),
  },
);

/** What operations take, so that some requests are nearly right. */
const args = fc.oneof(
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 3 }) },
  {
    weight: 4,
    arbitrary: fc.record({
      path: value,
      from: value,
      to: value,
      // None that would keep a folder from being removed.
      mode: fc.constantFrom<unknown>(0o755, 0o7777, -1, 2 ** 53, "x"),
      // None that would give something away.
      owner: fc.constantFrom<unknown>("0", "no:one", "4294967296", "0:0:0", "", 0, null),
      recursive: fc.boolean(),
      options: fc.constantFrom({ read: true }, { write: true, create: true }, { read: 1 }, null),
      target: path,
      kind: fc.constantFrom("file", "directory", "device"),
      process: fc.integer({ min: 0, max: 9 }),
      listener: fc.integer({ min: 0, max: 9 }),
      rate: fc.constantFrom<unknown>(1, 0, -1, 2 ** 53, "x"),
    }, { requiredKeys: [] }),
  },
  { weight: 2, arbitrary: path.map((path) => ({ path })) },
  {
    weight: 2,
    arbitrary: fc.record({
      command: fc.constantFrom("true", "cat", "sh", "nothing-of-that-name", "\u0000", ""),
      args: fc.array(fc.constantFrom("-", "x", "\u0000", "z".repeat(200_000)), { maxLength: 3 }),
      stdin: fc.constantFrom("piped", "null", { file: "file" }, { file: 1 }, "else"),
      follow: fc.constantFrom<unknown>(true, false, 1),
      user: fc.constantFrom<unknown>("0", "65534", "no-one", "", ":", "4294967295", 0, "\u0000"),
      stdout: fc.constantFrom("piped", "log", { file: "/dev/full" }, 7),
      env: fc.constantFrom({}, { A: "b" }, { "A=": "b" }, { A: "\u0000" }, []),
    }, { requiredKeys: ["command", "args"] }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      transport: fc.constantFrom("tcp", "unix", "udp"),
      port: fc.constantFrom(0, 1, 65_535, 65_536, -1, "80"),
      path: value,
    }, { requiredKeys: ["transport"] }),
  },
);

const open = fc.record({
  operation: fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom<unknown>(...OPERATIONS) },
    { weight: 1, arbitrary: value },
  ),
  args,
  credit: fc.constantFrom<unknown>(undefined, [], [0, 0], [65536], [2 ** 53, 1], [-1], "much"),
});

const message = fc.oneof(
  fc.constantFrom<unknown>(
    { request: { kill: "SIGKILL" } },
    { request: { kill: "SIGNOTHING" } },
    { request: { pause: true } },
    { request: { resume: true } },
    { request: { read: 2 ** 40 } },
    { request: { write: 5 } },
    { request: { seek: -5, whence: 1 } },
    { request: { stat: true } },
    { request: { truncate: 10 } },
    { request: null },
    { reply: 1 },
    {},
    [],
  ),
  fc.jsonValue(),
);

const count = fc.oneof(
  fc.bigInt({ min: 0n, max: 1n << 20n }),
  fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
).map((count) => {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, count);
  return bytes;
});

const json = (value: fc.Arbitrary<unknown>) =>
  value.map((value) => new TextEncoder().encode(JSON.stringify(value) ?? ""));

const payload = fc.oneof(
  { weight: 6, arbitrary: json(open) },
  { weight: 3, arbitrary: json(message) },
  { weight: 3, arbitrary: count },
  { weight: 3, arbitrary: fc.uint8Array({ maxLength: 200 }) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 300_000 }).map((n) => new Uint8Array(n)) },
  { weight: 1, arbitrary: json(fc.constant({ result: 1, error: { name: "E", message: "m" } })) },
  {
    weight: 1,
    arbitrary: fc.integer({ min: 1, max: 100_000 }).map((depth) =>
      new TextEncoder().encode("[".repeat(depth))
    ),
  },
);

const PAYLOADS: Readonly<Record<number, fc.Arbitrary<Uint8Array>>> = {
  [FrameType.ack]: count,
  [FrameType.open]: json(open),
  [FrameType.data]: fc.integer({ min: 1, max: 70_000 }).map((n) => new Uint8Array(n)),
  [FrameType.credit]: count,
  [FrameType.end]: fc.constant(new Uint8Array(0)),
  [FrameType.reset]: json(fc.constantFrom({ name: "Error", message: "enough" }, {}, undefined)),
  [FrameType.message]: json(message),
  [FrameType.close]: json(fc.constantFrom({ result: 1 }, undefined, 3)),
};

/** A frame that is well-formed by itself. Low channels come often, so that some are open. */
const plausible = fc.constantFrom(...Object.keys(PAYLOADS).map(Number)).chain((type) =>
  fc.record({
    type: fc.constant(type),
    stream: type >= FrameType.data && type <= FrameType.reset
      ? fc.constantFrom(0, 0, 1, 2)
      : fc.constant(0),
    channel: type === FrameType.ack ? fc.constant(0) : fc.integer({ min: 1, max: 6 }),
    payload: PAYLOADS[type]!,
  })
);

const anyFrame = fc.record({
  type: fc.oneof(fc.constantFrom(...Object.values(FrameType)), fc.nat({ max: 255 })),
  stream: fc.nat({ max: 255 }),
  channel: fc.oneof(fc.nat({ max: 5 }), fc.constant(0xffffffff)),
  payload,
});

const frame = fc.oneof({ weight: 9, arbitrary: plausible }, { weight: 1, arbitrary: anyFrame })
  .chain(({ type, stream, channel, payload }) =>
    // Now and then a length that is not the payload's.
    fc.oneof(
      { weight: 30, arbitrary: fc.constant(payload.length) },
      { weight: 1, arbitrary: fc.nat({ max: 0xffffffff }) },
    ).map((length) => {
      const bytes = new Uint8Array(10 + payload.length);
      const view = new DataView(bytes.buffer);
      view.setUint8(0, type);
      view.setUint8(1, stream);
      view.setUint32(2, channel);
      view.setUint32(6, length);
      bytes.set(payload, 10);
      return bytes;
    })
  );

const packet = fc.array(frame, { minLength: 1, maxLength: 4 }).map((frames) => {
  const bytes = new Uint8Array(frames.reduce((sum, { length }) => sum + length, 0));
  let offset = 0;
  for (const frame of frames) {
    bytes.set(frame, offset);
    offset += frame.length;
  }
  return bytes;
});

/** Things to send, one after the other. */
export const acts: fc.Arbitrary<Act[]> = fc.array(
  fc.oneof(
    { weight: 40, arbitrary: packet.map((bytes): Act => ({ kind: "packet", bytes })) },
    {
      weight: 1,
      arbitrary: fc.uint8Array({ maxLength: 100 }).map((bytes): Act => ({ kind: "packet", bytes })),
    },
    { weight: 1, arbitrary: fc.string().map((text): Act => ({ kind: "text", text })) },
    {
      weight: 1,
      arbitrary: fc.uint8Array({ minLength: 1, maxLength: 50 })
        .map((bytes): Act => ({ kind: "raw", bytes })),
    },
    {
      weight: 1,
      arbitrary: fc.constantFrom(4_194_305, 6_000_000)
        .map((size): Act => ({ kind: "packet", bytes: new Uint8Array(size) })),
    },
  ),
  { minLength: 1, maxLength: 8 },
);

/** What is said first: mostly what should be. */
export const firstHello: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 20, arbitrary: fc.constant("proper") },
  { weight: 1, arbitrary: fc.constant(undefined) },
  {
    weight: 2,
    arbitrary: fc.record({
      protocol: fc.constantFrom(0, 1, 2, "1", null),
      session: fc.constantFrom("0".repeat(32), "G".repeat(32), "", 7),
      resume: fc.constantFrom(true, false, 0),
      received: fc.constantFrom(0, 1, -1, 2 ** 60, "0"),
    }, { requiredKeys: [] }),
  },
);

/** What is sent over TLS, or without, that is no WebSocket. */
export const requests: fc.Arbitrary<string> = fc.oneof(
  fc.tuple(
    fc.constantFrom("GET", "POST", "PUT", "OPTIONS", "\u0000", "GET GET"),
    fc.constantFrom(
      "/",
      "/v1/enrol",
      "/v1/end/",
      "/v1/session",
      "/v1/lease",
      "/" + "a".repeat(90_000),
    ),
    fc.subarray([
      "host: x",
      "content-length: 100",
      "content-length: -1",
      "transfer-encoding: chunked",
      "upgrade: websocket",
      "connection: upgrade",
      "sec-websocket-key: nonsense",
      "sec-websocket-version: 13",
      "expect: 100-continue",
      ": nothing",
      "x: " + "y".repeat(90_000),
    ]),
    fc.constantFrom("", "{", '{"id":"x","proof":"y"}', "z".repeat(5_000), "\r\n\r\n"),
  ).map(([method, path, headers, body]) =>
    [`${method} ${path} HTTP/1.1`, ...headers, "", body].join("\r\n")
  ),
  fc.string({ minLength: 1, maxLength: 300 }),
);

/** How a connection is left. */
export const endings: fc.Arbitrary<Ending> = fc.constantFrom("close", "cut", "half-close");
