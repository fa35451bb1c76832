import {
  type FeedItem,
  type HostProcess,
  MAX_TERMINAL_SIZE,
  type OutputMode,
  type ProcessSpec,
  type TerminalSize,
} from "../host/host.ts";
import { LONGEST_NAME, parseUserName } from "../host/users/account_name.ts";
import { encodeFeedItem } from "../wire/output_record.ts";
import { hasStream } from "../wire/has_stream.ts";
import { MAX_PACKET } from "../wire/protocol.ts";
import {
  dictionary,
  either,
  flag,
  integer,
  list,
  oneOf,
  optional,
  record,
  type Shape,
  text,
} from "../wire/shape.ts";
import { type Operation, operation, type OperationContext } from "./operation.ts";
import type { ServedChannel } from "./served_channel.ts";

/** Whatever fits into a packet: what is too long for the system, the system refuses. */
const word = text(MAX_PACKET);
const file = record({ file: text() });
const user: Shape<string> = (value, name) => {
  const given = text(LONGEST_NAME)(value, name);
  parseUserName(given, `Cannot accept the request: ${name}`);
  return given;
};
const output: Shape<OutputMode> = either(oneOf("log", "piped", "null"), file);

const terminalSize: Shape<TerminalSize> = record({
  rows: integer(1, MAX_TERMINAL_SIZE),
  columns: integer(1, MAX_TERMINAL_SIZE),
});

/** What to start, and whether the feed of the session brings what it writes. */
type StartArgs = ProcessSpec & { readonly follow?: boolean | undefined };

const startShape: Shape<StartArgs> = record({
  command: word,
  args: list(word, MAX_PACKET),
  cwd: optional(text()),
  env: optional(dictionary(word)),
  clearEnv: optional(flag()),
  user: optional(user),
  stdin: optional(either(oneOf("piped", "null"), file)),
  stdout: optional(output),
  stderr: optional(output),
  terminal: optional(terminalSize),
  follow: optional(flag()),
});

/**
 * A request to a running process. The error of a request that has none of these shapes is that of the last
 * one, `resize`, because it has the most fields that can be wrong.
 */
const requestShape = either(
  either(record({ pause: oneOf(true) }), record({ resume: oneOf(true) })),
  either(record({ kill: text(20) }), record({ resize: terminalSize })),
);

const start = operation(startShape, async (context, { follow, ...spec }) => {
  const { host, channel, processes, feed: { current: feed } } = context;
  if (follow && !feed) throw new TypeError("Cannot follow the process: no outputs are followed");
  const process = await host.processes.start(spec, {
    signal: channel.signal,
    follow: follow && feed ? { feed, key: channel.id } : undefined,
  });
  processes.set(channel.id, process);
  try {
    await serve(channel, process, spec);
  } finally {
    processes.delete(channel.id);
    await process[Symbol.asyncDispose]();
    // The runner hears how it ended before it hears that the channel has.
    await process.status.catch(() => {});
  }
});

async function serve(
  channel: ServedChannel,
  process: HostProcess,
  { stdin, stdout, stderr }: ProcessSpec,
): Promise<void> {
  channel.event({ pid: process.pid });
  channel.serve(async (request) => {
    const asked = requestShape(request, "the request");
    if ("resize" in asked) await process.resize(asked.resize);
    else if ("kill" in asked) await process.kill(asked.kill as Deno.Signal);
    else if ("pause" in asked) await process.pause();
    else await process.resume();
  });
  const failure = Promise.withResolvers<never>();
  process.status.then((status) => channel.event({ status })).catch(failure.reject);
  // An error of a stream goes to the reader of the stream, and does not end the process.
  if (stdin === "piped") channel.receiveInto(process.stdin, 0, { release: true }).catch(() => {});
  if (hasStream(stdout)) channel.sendFrom(process.stdout, 1);
  if (hasStream(stderr)) channel.sendFrom(process.stderr, 2);
  await Promise.race([channel.closing, failure.promise]);
}

const log = operation(
  record({ process: integer() }),
  async ({ channel, processes }: OperationContext, args) => {
    const process = processes.get(args.process);
    if (!process) throw new Deno.errors.BadResource("Cannot read the log: the process is closed");
    const { stdout, stderr } = await process.log();
    await Promise.all([
      channel.sendFrom(streamOf(stdout.bytes), 1),
      channel.sendFrom(streamOf(stderr.bytes), 2),
    ]);
    return { dropped: [stdout.dropped, stderr.dropped] };
  },
);

function streamOf(bytes: Uint8Array): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start: (controller) => {
      if (bytes.length > 0) controller.enqueue(bytes);
      controller.close();
    },
  });
}

const flushShape = record({ flush: flag() });

const follow = operation(
  record({ rate: optional(integer(1)) }),
  async ({ host, channel, feed }: OperationContext, options) => {
    if (feed.current) throw new TypeError("Cannot follow outputs: the session does so already");
    await using outputs = host.processes.follow(options);
    feed.current = outputs;
    try {
      // deno-lint-ignore require-await -- what fails is to be sent, not thrown
      channel.serve(async (request) => {
        flushShape(request, "the request");
        outputs.flush();
      });
      const sent = channel.sendFrom(encoded(outputs.records), 1);
      await Promise.race([sent, channel.closing]);
    } finally {
      feed.current = undefined;
    }
  },
);

/** One record is encoded at a time, and only when it can be sent: what waits is the feed's. */
function encoded(records: ReadableStream<FeedItem>): ReadableStream<Uint8Array<ArrayBuffer>> {
  const reader = records.getReader();
  return new ReadableStream({
    pull: async (controller) => {
      const { done, value } = await reader.read();
      if (done) controller.close();
      else controller.enqueue(encodeFeedItem(value));
    },
    cancel: (reason) => reader.cancel(reason),
  }, { highWaterMark: 0 });
}

const attend = operation(
  record({ process: integer(), isAttended: flag() }),
  async ({ feed: { current: feed } }: OperationContext, { process, isAttended }) => {
    await feed?.attend(process, isAttended);
  },
);

const end = operation(record({}), async ({ host, channel }) => {
  await host.processes.end({ signal: channel.signal });
});

const kill = operation(record({}), async ({ host, channel }) => {
  await host.processes.kill({ signal: channel.signal });
});

/** Processes on the host. */
export const processOperations: Readonly<Record<string, Operation>> = {
  start,
  follow,
  attend,
  log,
  end,
  kill,
};
