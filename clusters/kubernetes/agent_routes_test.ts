/**
 * How agents are reached, by what answers at the address of a pod: a policy may keep the runner out.
 *
 * @module
 */
import { deepStrictEqual, rejects } from "node:assert/strict";
import { AgentRoutes } from "./agent_routes.ts";
import { AnsweringServer } from "./api/testing/answering_server.ts";
import { AGENT_PORT } from "./pod_places.ts";

const { signal } = new AbortController();

/** Of which nobody ever hears, as behind a policy that lets nothing pass. */
const SILENT = "192.0.2.1";

/** One of this machine's own, which nothing else uses. */
const OWN = "127.26.76.1";

async function open(stack: AsyncDisposableStack, by?: "address" | "forward") {
  const api = await stack.use(await AnsweringServer.open({})).api(stack);
  const said: string[] = [];
  const emit = (event: object) => void said.push((event as { reason: string }).reason);
  return { routes: new AgentRoutes(api, { by, emit }), said };
}

Deno.test("AgentRoutes leads through the API server where a pod does not answer, and tries once", async () => {
  await using stack = new AsyncDisposableStack();
  const { routes, said } = await open(stack);
  const [one, two] = await Promise.all(
    ["one", "two"].map((pod) => routes.to({ pod, address: SILENT }, signal)),
  );
  deepStrictEqual([one, two].map((route) => "target" in route! && route.target), [
    { pod: "one", port: AGENT_PORT },
    { pod: "two", port: AGENT_PORT },
  ]);
  deepStrictEqual(said, ["agents are reached by port-forwards of the API server"]);
});

Deno.test("AgentRoutes leads to the addresses of pods where the first one answers", async () => {
  await using stack = new AsyncDisposableStack();
  const { routes, said } = await open(stack);
  using _listener = Deno.listen({ hostname: OWN, port: AGENT_PORT });
  deepStrictEqual(await routes.to({ pod: "one", address: OWN }, signal), {
    hostname: OWN,
    port: AGENT_PORT,
  });
  deepStrictEqual(await routes.to({ pod: "two", address: SILENT }, signal), {
    hostname: SILENT,
    port: AGENT_PORT,
  });
  deepStrictEqual(said, ["agents are reached at the addresses of pods"]);
});

Deno.test("AgentRoutes waits for an agent that does not listen yet, where its pod can be reached", async () => {
  await using stack = new AsyncDisposableStack();
  const { routes } = await open(stack);
  const route = routes.to({ pod: "one", address: OWN }, signal);
  // It is refused at first: nothing listens before this turn of the event loop has ended.
  await new Promise((resolve) => setTimeout(resolve));
  using _listener = Deno.listen({ hostname: OWN, port: AGENT_PORT });
  deepStrictEqual(await route, { hostname: OWN, port: AGENT_PORT });
});

Deno.test("AgentRoutes tries again after it was broken off, and not where it was told", async () => {
  await using stack = new AsyncDisposableStack();
  const { routes, said } = await open(stack);
  const reason = new Error("enough");
  await rejects(routes.to({ pod: "one", address: OWN }, AbortSignal.abort(reason)), reason);
  using _listener = Deno.listen({ hostname: OWN, port: AGENT_PORT });
  deepStrictEqual("port" in await routes.to({ pod: "one", address: OWN }, signal), true);
  deepStrictEqual(said.length, 1);
  const told = await open(stack, "forward");
  deepStrictEqual("target" in await told.routes.to({ pod: "one", address: OWN }, signal), true);
  deepStrictEqual(told.said, []);
});

Deno.test("AgentRoutes calls at an address before the pod is known to run, and does not forward then", async () => {
  await using stack = new AsyncDisposableStack();
  const running = new Promise<void>(() => {});
  {
    const { routes } = await open(stack);
    const route = routes.to({ pod: "one", address: OWN, running }, signal);
    await new Promise((resolve) => setTimeout(resolve));
    using _listener = Deno.listen({ hostname: OWN, port: AGENT_PORT });
    deepStrictEqual("port" in await route, true);
  }
  const { routes } = await open(stack, "forward");
  let isThere = false;
  routes.to({ pod: "one", address: OWN, running }, signal).then(() => isThere = true);
  await new Promise((resolve) => setTimeout(resolve));
  deepStrictEqual(isThere, false);
  const failed = new Error("it cannot start");
  const hopeless = Promise.reject(failed);
  await rejects(routes.to({ pod: "one", address: OWN, running: hopeless }, signal), failed);
});

Deno.test("AgentRoutes does not wait for a pod that does not come, nor fail with it", async () => {
  await using stack = new AsyncDisposableStack();
  const { routes, said } = await open(stack);
  const hopeless = new AbortController();
  const running = new Promise<void>(() => {});
  const lost = routes.to({ pod: "one", address: "127.26.76.6", running }, hopeless.signal);
  {
    using _listener = Deno.listen({ hostname: OWN, port: AGENT_PORT });
    const route = await routes.to({ pod: "two", address: OWN, running }, signal);
    deepStrictEqual("port" in route, true);
  }
  const reason = new Error("it cannot start");
  hopeless.abort(reason);
  await rejects(lost, reason);
  deepStrictEqual(said.length, 1);
});
