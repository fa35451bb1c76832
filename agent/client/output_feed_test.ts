import assert from "node:assert/strict";
import type { FeedItem, FollowOptions, Host, HostProcess, ProcessSpec } from "../host/host.ts";
import { LocalHost } from "../host/local_host.ts";
import { openHost, startEnrolled } from "../testing/connected_agent.ts";

/** What a feed brought of one output. */
interface Followed {
  readonly pieces: { readonly missing: number; readonly text: string }[];
  missing: number;
  size: number;
  last: boolean;
}

/** The reader of a feed. */
class Follower implements AsyncDisposable {
  readonly outputs = new Map<string, Followed>();
  readonly #host: Host;
  readonly #feed;
  readonly #read: Promise<void>;
  #changed = Promise.withResolvers<void>();
  #flushes = 0;

  constructor(host: Host, options?: FollowOptions) {
    this.#host = host;
    this.#feed = host.processes.follow(options);
    this.#read = this.#readAll();
  }

  start(key: number, script: string, spec: Partial<ProcessSpec> = {}): Promise<HostProcess> {
    return this.#host.processes.start(
      { command: "sh", args: ["-c", script], ...spec },
      { follow: { feed: this.#feed, key } },
    );
  }

  text(name: string): string {
    return this.outputs.get(name)?.pieces.map(({ text }) => text).join("") ?? "";
  }

  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await this.#changed.promise;
  }

  async ended(...names: string[]): Promise<void> {
    await this.until(() => names.every((name) => this.outputs.get(name)?.last));
  }

  attend(key: number, isAttended: boolean): Promise<void> {
    return this.#feed.attend(key, isAttended);
  }

  async flush(): Promise<void> {
    const wanted = this.#flushes + 1;
    this.#feed.flush();
    await this.until(() => this.#flushes >= wanted);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#feed[Symbol.asyncDispose]();
    await this.#read.catch(() => {});
  }

  async #readAll(): Promise<void> {
    for await (const item of this.#feed.records) {
      this.#take(item);
      this.#changed.resolve();
      this.#changed = Promise.withResolvers();
    }
  }

  #take(item: FeedItem): void {
    if (item === "flushed") return void this.#flushes++;
    const { key, output, missing, bytes, last } = item;
    const name = `${key} ${output}`;
    const followed = this.outputs.get(name) ?? { pieces: [], missing: 0, size: 0, last: false };
    followed.pieces.push({ missing, text: new TextDecoder().decode(bytes) });
    followed.missing += missing;
    followed.size += bytes.length;
    followed.last = last;
    this.outputs.set(name, followed);
  }
}

/** Hosts, and how to open each. */
const HOSTS: Readonly<Record<string, () => Promise<{ host: Host } & AsyncDisposable>>> = {
  async "this machine"() {
    await using stack = new AsyncDisposableStack();
    const rootDir = await Deno.makeTempDir({ prefix: "clustertest-feed-" });
    stack.defer(() => Deno.remove(rootDir, { recursive: true }));
    const host = stack.use(await LocalHost.open({ rootDir, env: { PATH: "/usr/bin:/bin" } }));
    const owned = stack.move();
    return { host, [Symbol.asyncDispose]: () => owned.disposeAsync() };
  },
  async "an agent"() {
    await using stack = new AsyncDisposableStack();
    const enrolled = stack.use(await startEnrolled());
    const host = stack.use(await openHost(enrolled));
    const owned = stack.move();
    return { host, [Symbol.asyncDispose]: () => owned.disposeAsync() };
  },
};

/** Writes 64 MiB between two words, faster than is followed. */
const FLOOD = "printf begin; head -c 67108864 /dev/zero | tr '\\0' x; printf end";
const FLOOD_SIZE = 64 * 1024 * 1024 + 8;

/** The same, once a line has come. */
const FLOOD_LATER = `read line; ${FLOOD}`;

async function writeLine(process: HostProcess): Promise<void> {
  const writer = process.stdin.getWriter();
  await writer.write(new TextEncoder().encode("go on\n"));
  writer.releaseLock();
}

async function sizeOf(stream: ReadableStream<Uint8Array>): Promise<number> {
  let size = 0;
  for await (const chunk of stream) size += chunk.length;
  return size;
}

for (const [where, open] of Object.entries(HOSTS)) {
  Deno.test(`a feed of ${where} brings what processes write, with the end of each`, async () => {
    await using opened = await open();
    await using follower = new Follower(opened.host);
    await using _one = await follower.start(7, "echo one; echo wrong >&2");
    await using _two = await follower.start(9, "printf two; sleep 0.1; printf more", {
      stderr: "null",
    });
    await follower.ended("7 stdout", "7 stderr", "9 stdout");
    assert.equal(follower.text("7 stdout"), "one\n");
    assert.equal(follower.text("7 stderr"), "wrong\n");
    assert.equal(follower.text("9 stdout"), "twomore");
    assert.equal(follower.outputs.has("9 stderr"), false);
  });

  Deno.test(`a feed of ${where} brings an output while it goes on, and what a reader gets, too`, async () => {
    await using opened = await open();
    await using follower = new Follower(opened.host);
    await using process = await follower.start(1, "echo ready; cat", {
      stdin: "piped",
      stdout: "piped",
    });
    const reader = process.stdout.getReader();
    assert.equal(new TextDecoder().decode((await reader.read()).value), "ready\n");
    await follower.flush();
    assert.equal(follower.text("1 stdout"), "ready\n");
    await reader.cancel();
    const writer = process.stdin.getWriter();
    await writer.write(new TextEncoder().encode("after the reader\n"));
    await writer.close();
    await follower.ended("1 stdout");
    assert.equal(follower.text("1 stdout"), "ready\nafter the reader\n");
  });

  Deno.test(`a feed of ${where} brings the beginning and the end of a flood, and counts the rest`, async () => {
    await using opened = await open();
    await using follower = new Follower(opened.host);
    await using process = await follower.start(1, FLOOD);
    await process.status;
    await follower.ended("1 stdout");
    const { pieces, missing, size } = follower.outputs.get("1 stdout")!;
    assert.equal(size + missing, FLOOD_SIZE);
    assert.ok(missing > 0);
    assert.match(follower.text("1 stdout"), /^beginx+end$/);
    const gap = pieces.findIndex(({ missing }) => missing > 0);
    const before = pieces.slice(0, gap).reduce((sum, { text }) => sum + text.length, 0);
    assert.ok(before >= 256 * 1024, `${before} bytes before the first gap`);
  });

  Deno.test(`a feed of ${where} keeps to its rate`, async () => {
    await using opened = await open();
    await using follower = new Follower(opened.host, { rate: 1000 });
    await using process = await follower.start(1, "head -c 100000 /dev/zero | tr '\\0' x; cat", {
      stdin: "piped",
    });
    await follower.until(() => follower.outputs.has("1 stdout"));
    // What a second brings; more of it may have come by now.
    assert.ok(follower.outputs.get("1 stdout")!.pieces[0]!.text.length <= 1000);
    await process.stdin.close();
    await follower.ended("1 stdout");
    const { size, missing } = follower.outputs.get("1 stdout")!;
    assert.equal(size + missing, 100_000);
  });

  for (const stdout of ["log", "piped"] as const) {
    Deno.test(`a feed of ${where} brings all of a flood in the mode "${stdout}" while it is attended`, async () => {
      await using opened = await open();
      await using follower = new Follower(opened.host);
      await using process = await follower.start(1, FLOOD_LATER, { stdin: "piped", stdout });
      // Whatever is asked of the process afterwards comes later there.
      await Promise.all([follower.attend(1, true), writeLine(process)]);
      // Of the mode "log" there is a reader of the feed alone.
      if (stdout === "piped") assert.equal(await sizeOf(process.stdout), FLOOD_SIZE);
      await follower.ended("1 stdout");
      const { size, missing } = follower.outputs.get("1 stdout")!;
      assert.deepEqual({ size, missing }, { size: FLOOD_SIZE, missing: 0 });
      assert.equal((await process.status).code, 0);
    });
  }

  Deno.test(`a feed of ${where} brings what is written ahead of a reader who does not come yet`, async () => {
    await using opened = await open();
    await using follower = new Follower(opened.host);
    const script = "read line; head -c 12000000 /dev/zero | tr '\\0' x; printf ready; read line";
    await using process = await follower.start(1, script, { stdin: "piped", stdout: "piped" });
    await follower.attend(1, true);
    await writeLine(process);
    await follower.until(() => follower.text("1 stdout").endsWith("ready"));
    await writeLine(process);
    await process.status;
    assert.equal(await sizeOf(process.stdout), 12_000_005);
  });

  Deno.test(`a feed of ${where} brings all that was in the pipe at the end, though nobody reads it`, async () => {
    await using opened = await open();
    await using follower = new Follower(opened.host);
    const script = "read line; head -c 12000000 /dev/zero | tr '\\0' x";
    await using process = await follower.start(1, script, { stdin: "piped", stdout: "piped" });
    await follower.attend(1, true);
    await writeLine(process);
    await follower.ended("1 stdout");
    assert.equal(follower.outputs.get("1 stdout")!.size, 12_000_000);
    assert.equal(await sizeOf(process.stdout), 12_000_000);
  });

  Deno.test(`a feed of ${where} comes to the end of a flush although an attended output has none`, async () => {
    await using opened = await open();
    await using follower = new Follower(opened.host);
    await using _process = await follower.start(1, "while :; do echo again; done");
    await follower.attend(1, true);
    await follower.flush();
    await follower.flush();
  });

  Deno.test(`a feed of ${where} that nobody reads lets an output go on that is not attended any more`, async () => {
    await using opened = await open();
    await using feed = opened.host.processes.follow();
    const spec = { command: "sh", args: ["-c", FLOOD_LATER], stdin: "piped" } as const;
    await using process = await opened.host.processes.start(spec, { follow: { feed, key: 1 } });
    await feed.attend(1, true);
    await writeLine(process);
    while ((await process.log()).stdout.dropped === 0) {
      await new Promise((go) => setTimeout(go));
    }
    await feed.attend(1, false);
    assert.equal((await process.status).code, 0);
    await feed.attend(1, true);
    await feed.attend(2, true);
  });

  Deno.test(`a feed of ${where} that nobody reads stops no process`, async () => {
    await using opened = await open();
    await using feed = opened.host.processes.follow();
    await using process = await opened.host.processes.start(
      { command: "sh", args: ["-c", FLOOD] },
      { follow: { feed, key: 1 } },
    );
    assert.equal((await process.status).code, 0);
  });

  Deno.test(`a feed of ${where} brings what a process has written that is disposed of`, async () => {
    await using opened = await open();
    await using follower = new Follower(opened.host);
    {
      await using process = await follower.start(1, "echo ready; sleep 60");
      // Lets other things happen between two looks: a log may be near enough to come at once.
      const isSilent = async () => (await process.log()).stdout.bytes.length === 0;
      while (await isSilent()) await new Promise((go) => setTimeout(go));
    }
    await follower.ended("1 stdout", "1 stderr");
    assert.equal(follower.text("1 stdout"), "ready\n");
  });
}

Deno.test("an agent's process cannot be followed by a feed of another host", async () => {
  await using here = await HOSTS["this machine"]!();
  await using there = await HOSTS["an agent"]!();
  await using feed = here.host.processes.follow();
  await assert.rejects(
    async () =>
      await there.host.processes.start(
        { command: "true", args: [] },
        { follow: { feed, key: 1 } },
      ),
    /Cannot follow a process: the feed is not one of this host/,
  );
});
