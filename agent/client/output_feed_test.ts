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
    assert.ok(follower.outputs.get("1 stdout")!.size <= 1000);
    await process.stdin.close();
    await follower.ended("1 stdout");
    const { size, missing } = follower.outputs.get("1 stdout")!;
    assert.equal(size + missing, 100_000);
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
