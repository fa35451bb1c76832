import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { Engine } from "./engine/engine.ts";
import type { Endpoint } from "./engine/endpoint.ts";
import { openRoute, publishingAddress } from "./route.ts";

const cases: { endpoint: Endpoint; publishedAt: string; hostname: string }[] = [
  {
    endpoint: { kind: "unix", path: "/run/x.sock" },
    publishedAt: "127.0.0.1",
    hostname: "127.0.0.1",
  },
  {
    endpoint: { kind: "tcp", hostname: "localhost", port: 2375 },
    publishedAt: "127.0.0.1",
    hostname: "127.0.0.1",
  },
  {
    endpoint: { kind: "tcp", hostname: "build.example", port: 2376 },
    publishedAt: "0.0.0.0",
    hostname: "build.example",
  },
];

for (const { endpoint, publishedAt, hostname } of cases) {
  Deno.test(`a port of the engine ${JSON.stringify(endpoint)} is reached at ${hostname}`, async () => {
    await using engine = await Engine.connect(endpoint);
    strictEqual(publishingAddress(engine), publishedAt);
    await using route = await openRoute(engine, 4711, new AbortController().signal);
    deepStrictEqual(route.route, { hostname, port: 4711 });
  });
}
