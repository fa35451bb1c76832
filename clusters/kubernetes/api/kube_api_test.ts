/**
 * Calls to API servers that behave in ways which the one at hand does not, or not when it should.
 *
 * @module
 */
import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { AnsweringServer, type GivenAnswer, type SeenRequest } from "./testing/answering_server.ts";
import { KubeApi } from "./kube_api.ts";

const never = (): AbortSignal => new AbortController().signal;

const POD = { metadata: { name: "p", labels: { run: "1" } } };

/** Access to a server that gives these answers, one after the other, and the last one again and again. */
async function serve(
  stack: AsyncDisposableStack,
  answers: readonly (GivenAnswer | ((request: SeenRequest) => GivenAnswer))[],
  entries = {},
) {
  let turn = 0;
  const server = stack.use(
    await AnsweringServer.open({
      answer: (request) => {
        const answer = answers[Math.min(turn++, answers.length - 1)]!;
        return typeof answer === "function" ? answer(request) : answer;
      },
    }),
  );
  return { server, api: await server.api(stack, entries) };
}

function failure(status: number, reason: string, message: string, details = {}): GivenAnswer {
  return { status, body: { kind: "Status", status: "Failure", reason, message, details } };
}

Deno.test("KubeApi asks for what is meant, in its namespace", async () => {
  await using stack = new AsyncDisposableStack();
  const list = { items: [], metadata: { resourceVersion: "7" } };
  const { server, api } = await serve(stack, [{ body: list }]);
  const signal = never();
  await api.list("pods", { labelSelector: "a=b,c", signal });
  await api.get("jobs", "j/../x", { signal });
  await api.patch("jobs", { name: "j", patch: { spec: null }, signal });
  await api.delete("pods", "p", { grace: 0, signal });
  await api.deleteCollection("pods", { labelSelector: "a=b", propagation: "Foreground", signal });
  deepStrictEqual(
    server.seen.map(({ method, path, query, body }) => [method, path, String(query), body]),
    [
      ["GET", "/api/v1/namespaces/tests/pods", "labelSelector=a%3Db%2Cc", ""],
      ["GET", "/apis/batch/v1/namespaces/tests/jobs/j%2F..%2Fx", "", ""],
      ["PATCH", "/apis/batch/v1/namespaces/tests/jobs/j", "", '{"spec":null}'],
      [
        "DELETE",
        "/api/v1/namespaces/tests/pods/p",
        "",
        '{"apiVersion":"v1","kind":"DeleteOptions","propagationPolicy":"Background",' +
        '"gracePeriodSeconds":0}',
      ],
      [
        "DELETE",
        "/api/v1/namespaces/tests/pods",
        "labelSelector=a%3Db",
        '{"apiVersion":"v1","kind":"DeleteOptions","propagationPolicy":"Foreground"}',
      ],
    ],
  );
  strictEqual(server.seen[2]?.headers["content-type"], "application/merge-patch+json");
  await rejects(api.deleteCollection("pods", { labelSelector: " ", signal }), TypeError);
});

Deno.test("KubeApi waits as long as a busy server wants it to", async () => {
  await using stack = new AsyncDisposableStack();
  const { server, api } = await serve(stack, [
    { status: 429, headers: { "Retry-After": "1" }, body: "too many" },
    failure(500, "ServerTimeout", "later", { retryAfterSeconds: 0 }),
    { status: 503, body: "" },
    { body: POD },
  ]);
  const started = performance.now();
  deepStrictEqual(await api.get("pods", "p", { signal: never() }), POD);
  ok(performance.now() - started >= 1_000, "it came back too early");
  strictEqual(server.seen.length, 4);
});

Deno.test("KubeApi finds what it has created when the answer was lost", async () => {
  await using stack = new AsyncDisposableStack();
  const exists = failure(409, "AlreadyExists", 'pods "p" already exists');
  const { server, api } = await serve(stack, ["cut", exists, { body: POD }]);
  deepStrictEqual(await api.create("pods", POD, { signal: never() }), POD);
  deepStrictEqual(server.seen.map(({ method }) => method), ["POST", "POST", "GET"]);
});

Deno.test("KubeApi does not take for its own what was there before, or is another's", async () => {
  await using stack = new AsyncDisposableStack();
  const exists = failure(409, "AlreadyExists", 'pods "p" already exists');
  const before = await serve(stack, [exists]);
  const said = 'Cannot create pod "p" in namespace "tests": pods "p" already exists';
  await rejects(before.api.create("pods", POD, { signal: never() }), { message: said });
  const others = { metadata: { name: "p", labels: { run: "2" } } };
  const lost = await serve(stack, ["cut", exists, { body: others }]);
  await rejects(lost.api.create("pods", POD, { signal: never() }), { message: said });
});

Deno.test("KubeApi takes what is gone for deleted, also when the answer was lost", async () => {
  await using stack = new AsyncDisposableStack();
  const missing = failure(404, "NotFound", 'pods "p" not found');
  const { api } = await serve(stack, ["cut", missing]);
  await api.delete("pods", "p", { signal: never() });
  strictEqual(await api.get("pods", "p", { signal: never() }), undefined);
});

Deno.test("KubeApi says which rule of a role a call needs", async () => {
  await using stack = new AsyncDisposableStack();
  const said = 'jobs.batch is forbidden: User "u" cannot create resource "jobs" in API group ' +
    '"batch" in the namespace "tests"';
  const { api } = await serve(stack, [failure(403, "Forbidden", said)]);
  await rejects(api.create("jobs", POD, { signal: never() }), {
    message: `Cannot create job "p" in namespace "tests": ${said}. A role with ` +
      '{"apiGroups":["batch"],"resources":["jobs"],"verbs":["create"]} allows it; ' +
      "`deno task kubernetes:policy` prints one with all that is needed",
    status: 403,
    reason: "Forbidden",
    verb: "create",
    resource: "jobs",
  });
});

Deno.test("KubeApi hands on the words of quotas and policies, and names no role for them", async () => {
  await using stack = new AsyncDisposableStack();
  const words = [
    'pods "p" is forbidden: exceeded quota: few, requested: pods=1, used: pods=2, limited: pods=2',
    'pods "p" is forbidden: violates PodSecurity "restricted:latest": runAsNonRoot != true ' +
    '(pod or container "main" must set securityContext.runAsNonRoot=true)',
    'admission webhook "policy.example.com" denied the request: no image of these\nis allowed',
  ];
  for (const said of words) {
    const { api } = await serve(stack, [failure(403, "Forbidden", said)]);
    await rejects(api.create("pods", POD, { signal: never() }), {
      message: `Cannot create pod "p" in namespace "tests": ${said.replace("\n", "; ")}`,
    });
  }
});

Deno.test("KubeApi makes a call that hangs again, and ends it when its signal aborts", async () => {
  await using stack = new AsyncDisposableStack();
  const { server, api } = await serve(stack, ["hang"]);
  const reason = new Error("enough");
  const end = new AbortController();
  const call = api.get("pods", "p", { signal: end.signal });
  await server.arrived(1);
  end.abort(reason);
  await rejects(call, reason);
  await rejects(api.get("pods", "p", { signal: end.signal }), reason);
});

Deno.test("KubeApi.open() says soon that nobody is there, or that nobody knows who this is", async () => {
  await using stack = new AsyncDisposableStack();
  const folder = await Deno.makeTempDir();
  stack.defer(() => Deno.remove(folder, { recursive: true }));
  const { server } = await serve(stack, [failure(401, "Unauthorized", "Unauthorized")]);
  const kubeconfig = await server.kubeconfig(folder);
  const where = `http://127.0.0.1:${server.port}`;
  await rejects(KubeApi.open({ kubeconfig }, { signal: never() }), {
    name: "BackendUnusableError",
    message: `Cannot use backend "kubernetes": the API server at ${where} does not know who ` +
      "this is. Log in again, or mend the credentials of the kubeconfig",
  });
  strictEqual(server.seen.length, 2, "credentials are got anew once");
  await server[Symbol.asyncDispose]();
  const signal = AbortSignal.timeout(60_000);
  await rejects(KubeApi.open({ kubeconfig }, { signal }), {
    name: "BackendUnusableError",
    message: `Cannot use backend "kubernetes": there is no API server at ${where}: the API ` +
      "server is not reached: Connection refused (os error 111). See whether the cluster runs, " +
      "and whether `kubectl version` reaches it",
  });
});

Deno.test("KubeApi makes a call that was cut again by itself alone, however it was used before", async () => {
  await using stack = new AsyncDisposableStack();
  const exists = failure(409, "AlreadyExists", 'pods "p" already exists');
  const { server, api } = await serve(stack, [{ body: POD }, "cut", exists, { body: POD }]);
  await api.get("pods", "p", { signal: never() });
  deepStrictEqual(await api.create("pods", POD, { signal: never() }), POD);
  deepStrictEqual(server.seen.map(({ method }) => method), ["GET", "POST", "POST", "GET"]);
});

Deno.test("KubeApi bounds the calls that are under way at a time", async () => {
  await using stack = new AsyncDisposableStack();
  const { server, api } = await serve(stack, ["hang"]);
  const end = new AbortController();
  const calls = Array.from({ length: 50 }, () => api.get("pods", "p", { signal: end.signal }));
  const all = Promise.allSettled(calls);
  await server.arrived(32);
  // What comes later is seen later.
  const later = fetch(`http://127.0.0.1:${server.port}/later`, { signal: end.signal });
  await server.arrived(33);
  strictEqual(server.seen.at(-1)?.path, "/later");
  end.abort(new Error("enough"));
  await Promise.allSettled([all, later]);
});
