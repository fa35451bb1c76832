import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { Authority } from "../testing/authority.ts";
import { TestAgent } from "../testing/test_agent.ts";
import { openTransport } from "./agent_socket.ts";
import { pinnedTls } from "./agent_tls.ts";
import { enrol } from "./enrol.ts";
import { TunnelStream } from "./tunnel_stream.ts";

/** A carrier whose two directions are the test's, and why it was reset. */
function carried() {
  const incoming = new TransformStream<Uint8Array, Uint8Array>();
  const outgoing: Uint8Array[] = [];
  const { promise: ended, resolve } = Promise.withResolvers<void>();
  const resets: unknown[] = [];
  const stream = new TunnelStream({
    readable: incoming.readable as ReadableStream<Uint8Array<ArrayBuffer>>,
    writable: new WritableStream({
      write: (chunk) => void outgoing.push(chunk.slice()),
      close: () => resolve(),
    }),
    reset: (reason) => {
      resets.push(reason);
      return Promise.resolve();
    },
  });
  return { stream, incoming: incoming.writable.getWriter(), outgoing, ended, resets };
}

Deno.test("TunnelStream brings what its carrier brings, and ends as that does", async () => {
  const { stream, incoming, resets } = carried();
  const chunks: string[] = [];
  stream.on("data", (chunk) => chunks.push(String(chunk)));
  const ended = once(stream, "end");
  await incoming.write(new TextEncoder().encode("hello "));
  await incoming.write(new TextEncoder().encode("there"));
  await incoming.close();
  await ended;
  strictEqual(chunks.join(""), "hello there");
  strictEqual(resets.length, 0, "the other direction goes on");
  stream.destroy();
  await once(stream, "close");
  strictEqual(resets.length, 1);
});

Deno.test("TunnelStream writes at once what waits, and the end behind it", async () => {
  const { stream, incoming, outgoing, ended } = carried();
  stream.cork();
  for (const word of ["one ", "two ", "three"]) stream.write(word);
  stream.uncork();
  stream.end();
  await ended;
  deepStrictEqual(outgoing.map((each) => new TextDecoder().decode(each)), ["one two three"]);
  await incoming.close();
  stream.destroy();
});

Deno.test("TunnelStream fails with its carrier, and resets it", async () => {
  const { stream, incoming, resets } = carried();
  const all = rejects(text(stream), /cut off/);
  await incoming.abort(new Error("cut off"));
  await all;
  deepStrictEqual(resets.map(String), ["Error: cut off"]);
});

Deno.test("TunnelStream fails who writes to a carrier that has broken", async () => {
  const resets: unknown[] = [];
  const stream = new TunnelStream({
    readable: new ReadableStream(),
    writable: new WritableStream({ write: () => Promise.reject(new Error("cut off")) }),
    reset: (reason) => Promise.resolve(void resets.push(reason)),
  });
  await rejects(pipeline([new Uint8Array(3)], stream), /cut off/);
  deepStrictEqual(resets.map(String), ["Error: cut off"]);
});

Deno.test("what carries a session to another agent than the one that was enrolled is refused", async () => {
  const authority = Authority.make();
  const { launch } = authority;
  const runner = authority.runner();
  const signal = AbortSignal.timeout(30_000);
  await using agent = await TestAgent.start({ launch });
  await using other = await TestAgent.start({ launch });
  const known = await enrol({ address: agent.address, launch, runner, signal });
  await enrol({ address: other.address, launch, runner, signal });
  const tls = pinnedTls(runner, known);
  const resets: unknown[] = [];
  const to = async ({ port }: { readonly port: number }) => {
    const connection = await Deno.connect({ port });
    const reset = (reason: unknown) => {
      resets.push(reason);
      return Promise.resolve(connection.close());
    };
    return { readable: connection.readable, writable: connection.writable, reset };
  };
  const carrier = await to(other.address);
  await rejects(openTransport(known, { tls, signal, carrier }), /certificate/i);
  strictEqual(resets.length, 1);
  const transport = await openTransport(known, { tls, signal, carrier: await to(agent.address) });
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  transport.receiver = { packet() {}, heard() {}, violated() {}, closed: () => resolve() };
  transport.terminate();
  await closed;
  strictEqual(resets.length, 2);
});

Deno.test("what is to carry a session is reset when that is given up, or comes to nothing", async () => {
  const authority = Authority.make();
  const { launch } = authority;
  const runner = authority.runner();
  await using agent = await TestAgent.start({ launch });
  const known = await enrol({
    address: agent.address,
    launch,
    runner,
    signal: AbortSignal.timeout(30_000),
  });
  const tls = pinnedTls(runner, known);
  const ways: Record<string, { start?: (c: Controller) => void; abort?: "before" | "after" }> = {
    "given up before it begins": { abort: "before" },
    "given up while nothing answers": { abort: "after" },
    "ended": { start: (controller) => controller.close() },
    "broken": { start: (controller) => controller.error(new Error("cut off")) },
    "no TLS": { start: (controller) => controller.enqueue(new TextEncoder().encode("hello\n")) },
  };
  for (const [what, { start, abort }] of Object.entries(ways)) {
    const given = new AbortController();
    const { promise: reset, resolve } = Promise.withResolvers<void>();
    const carrier = {
      readable: new ReadableStream<Uint8Array<ArrayBuffer>>({ start: start ?? (() => {}) }),
      writable: new WritableStream<Uint8Array>(),
      reset: () => Promise.resolve(resolve()),
    };
    const giveUp = () => given.abort(new Error("given up"));
    if (abort === "before") giveUp();
    const opening = openTransport(known, { tls, signal: given.signal, carrier });
    if (abort === "after") giveUp();
    await rejects(opening, abort ? { message: "given up" } : Error, what);
    await reset;
  }
});

/** What a carrier brings. */
type Controller = ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>;
