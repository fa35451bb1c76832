import { match, rejects, strictEqual } from "node:assert/strict";
import { StandInEngine } from "../testing/stand_in_engine.ts";
import { EngineError, hasStatus, orMissing } from "./engine_error.ts";

const read = { what: "look", method: "GET", path: "/thing" } as const;
const change = { what: "make a thing", method: "POST", path: "/thing", body: { x: 1 } } as const;

Deno.test("Engine.call() sends query and body, and parses what comes back", async () => {
  await using standIn = await StandInEngine.start(async (request) =>
    Response.json({ url: new URL(request.url).search, body: await request.json() })
  );
  const answer = await standIn.engine.call<{ url: string; body: unknown }>({
    ...change,
    query: { a: "b c", d: true, e: undefined },
  });
  match(answer.url, /a=b%20c&d=true/);
  strictEqual(JSON.stringify(answer.body), '{"x":1}');
});

Deno.test("Engine.call() rejects with what the engine says against it", async () => {
  await using standIn = await StandInEngine.start(() =>
    Response.json({ message: "no room" }, { status: 507 })
  );
  const error = await standIn.engine.call(change).catch((error) => error) as EngineError;
  strictEqual(error.name, "EngineError");
  strictEqual(error.message, "Cannot make a thing: no room");
  strictEqual(hasStatus(error, 404, 507), true);
});

Deno.test("orMissing() resolves to undefined when the engine does not know something", async () => {
  await using standIn = await StandInEngine.start(() =>
    Response.json({ message: "?" }, { status: 404 })
  );
  strictEqual(await orMissing(standIn.engine.call(read)), undefined);
});

Deno.test("Engine.call() says that an engine has deadlocked when it answers reads alone", async () => {
  const hung = Promise.withResolvers<Response>();
  await using standIn = await StandInEngine.start(({ method }) =>
    method === "GET" ? new Response("OK") : hung.promise
  );
  await rejects(
    standIn.engine.call({ ...change, deadline: 50 }),
    /Cannot make a thing: .* within 0\.05 s, although it still answers.*deadlocked.*Restart the engine/,
  );
  hung.resolve(new Response());
});

Deno.test("Engine.call() waits less for changes once the engine seems to be stuck", async () => {
  const hung = Promise.withResolvers<Response>();
  await using standIn = await StandInEngine.start(({ method }) =>
    method === "GET" ? new Response("OK") : hung.promise
  );
  await rejects(standIn.engine.call({ ...change, deadline: 50 }), EngineError);
  await rejects(standIn.engine.call({ ...change, deadline: 600_000 }), /within 3 s/);
  hung.resolve(new Response());
});

Deno.test("Engine.call() says that an engine is gone when nothing answers", async () => {
  const hung = Promise.withResolvers<Response>();
  await using standIn = await StandInEngine.start(() => hung.promise);
  await rejects(standIn.engine.call({ ...read, deadline: 50 }), /nor does it answer anything else/);
  await rejects(standIn.engine.call({ ...read, deadline: 600_000 }), /within 3 s/);
  hung.resolve(new Response());
});

Deno.test("Engine.call() rejects with the reason of its signal, unchanged", async () => {
  const hung = Promise.withResolvers<Response>();
  await using standIn = await StandInEngine.start(() => hung.promise);
  const controller = new AbortController();
  const reason = new Error("enough");
  const call = standIn.engine.call({ ...read, signal: controller.signal });
  controller.abort(reason);
  strictEqual(await call.catch((error) => error), reason);
  strictEqual(
    await standIn.engine.call({ ...read, signal: controller.signal }).catch((e) => e),
    reason,
  );
  hung.resolve(new Response());
});

Deno.test("Engine.inTurn() lets at most four changes be under way", async () => {
  const held: (() => void)[] = [];
  let most = 0;
  const answerAll = () => held.splice(0).forEach((answer) => answer());
  await using standIn = await StandInEngine.start(async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    most = Math.max(most, held.push(resolve));
    // Four are answered once all of them are there, and a fifth has had time to come.
    if (held.length === 4) setTimeout(answerAll, 5);
    await promise;
    return Response.json({});
  });
  const { engine } = standIn;
  await Promise.all(Array.from({ length: 20 }, () => engine.inTurn(() => engine.call(change))));
  strictEqual(most, 4);
});

Deno.test("Engine.stream() ends when the engine is disposed", async () => {
  await using standIn = await StandInEngine.start(() =>
    new Response(new ReadableStream({ start: (c) => c.enqueue(new Uint8Array(3)) }))
  );
  const stream = await standIn.engine.stream(read);
  const ended = (async () => {
    for await (const _ of stream);
  })().catch((error) => error);
  await standIn.engine[Symbol.asyncDispose]();
  await ended;
  await rejects(standIn.engine.call(read), /was closed/);
});
