import { deepStrictEqual, rejects } from "node:assert/strict";
import { AnsweringServer, type GivenAnswer } from "./testing/answering_server.ts";
import type { KubeObject } from "./kube_objects.ts";

function pod(name: string, version: string, uid = name): KubeObject {
  return { metadata: { name, uid, resourceVersion: version } };
}

function list(version: string, ...items: readonly KubeObject[]): GivenAnswer {
  return { body: { items, metadata: { resourceVersion: version } } };
}

function line(type: string, object: unknown): string {
  return JSON.stringify({ type, object }) + "\n";
}

/** With this version of an object, the connection is cut. */
const CUT = "99";

/** The first events of a watch that is answered like that, and what the server was asked. */
async function watched(answers: readonly GivenAnswer[], count: number) {
  await using stack = new AsyncDisposableStack();
  let turn = 0;
  const answer = () => answers[turn++] ?? "hang" as const;
  const server = stack.use(await AnsweringServer.open({ answer }));
  const api = await server.api(stack);
  const end = new AbortController();
  const events: string[] = [];
  const watch = api.watch("pods", { labelSelector: "a=b", signal: end.signal });
  for await (const { type, object } of watch) {
    const { name, resourceVersion } = object.metadata;
    events.push(`${type} ${name} ${resourceVersion}`);
    if (events.length === count) break;
    if (resourceVersion === CUT) server.cut();
  }
  const asked = server.seen.map(({ query }) => query.get("resourceVersion") ?? "list");
  return { events, asked };
}

Deno.test("a watch begins with what there is, and goes on from there", async () => {
  const { events, asked } = await watched([
    list("5", pod("a", "1"), pod("b", "5")),
    {
      body: line("MODIFIED", pod("a", "6")) + line("BOOKMARK", pod("", "8")) +
        line("DELETED", pod("b", "9")),
      isOpen: true,
    },
  ], 4);
  deepStrictEqual(events, ["ADDED a 1", "ADDED b 5", "MODIFIED a 6", "DELETED b 9"]);
  deepStrictEqual(asked, ["list", "5"]);
});

Deno.test("a watch that has ended, or was cut, goes on where it was", async () => {
  const { events, asked } = await watched([
    list("5"),
    { body: line("ADDED", pod("a", "6")) + line("BOOKMARK", pod("", "8")) },
    "cut",
    { body: line("MODIFIED", pod("a", CUT)), isOpen: true },
    { status: 503, body: "" },
    { body: line("ADDED", pod("b", "100")), isOpen: true },
  ], 3);
  deepStrictEqual(events, ["ADDED a 6", `MODIFIED a ${CUT}`, "ADDED b 100"]);
  deepStrictEqual(asked, ["list", "5", "8", "8", CUT, CUT]);
});

Deno.test("a watch lists anew when the server has forgotten, and tells what has changed", async () => {
  const gone = { code: 410, reason: "Expired", message: "too old resource version" };
  const forgotten: readonly GivenAnswer[] = [
    { body: line("ERROR", gone) },
    { status: 410, body: gone },
  ];
  for (const answer of forgotten) {
    const { events, asked } = await watched([
      list("5", pod("stays", "1"), pod("changes", "2"), pod("goes", "3"), pod("again", "4", "x")),
      answer,
      list(
        "20",
        pod("stays", "1"),
        pod("changes", "18"),
        pod("again", "19", "y"),
        pod("new", "20"),
      ),
      { body: line("MODIFIED", pod("new", "21")), isOpen: true },
    ], 10);
    deepStrictEqual(events.slice(4), [
      "MODIFIED changes 18",
      "DELETED again 4",
      "ADDED again 19",
      "ADDED new 20",
      "DELETED goes 3",
      "MODIFIED new 21",
    ]);
    deepStrictEqual(asked, ["list", "5", "list", "20"]);
  }
});

Deno.test("a watch that is refused says so, and one that aborts ends with the reason", async () => {
  const forbidden = { message: 'User "u" cannot watch resource "pods" in API group ""' };
  await rejects(watched([list("5"), { status: 403, body: forbidden }], 1), {
    name: "ApiError",
    verb: "watch",
    status: 403,
  });
  await using stack = new AsyncDisposableStack();
  const answer = ({ query }: { query: URLSearchParams }) =>
    query.has("watch") ? "hang" as const : list("5", pod("a", "1"));
  const server = stack.use(await AnsweringServer.open({ answer }));
  const api = await server.api(stack);
  const end = new AbortController();
  const reason = new Error("enough");
  const following = (async () => {
    for await (const _ of api.watch("pods", { signal: end.signal }));
  })();
  const over = rejects(following, reason);
  await server.arrived(2);
  end.abort(reason);
  await over;
});
