import { deepStrictEqual } from "node:assert/strict";
import { currentProcess } from "../ownership/process_identity.ts";
import { ownedLabels } from "./labels.ts";
import { listResources } from "./list_resources.ts";
import { StandInEngine } from "./testing/stand_in_engine.ts";

const Labels = ownedLabels("sidecar", {
  run: { id: "run1", owner: currentProcess() },
  clusterId: "c",
});

/** What an engine lists, and what it still has of that. */
const LISTED = [
  { Id: "one", Names: ["/one"], State: "running", Labels },
  { Id: "removed", Names: [], State: "dead", Labels },
  { Id: "stuck", Names: [], State: "dead", Labels },
];
const THERE = ["/containers/one/json", "/containers/stuck/json"];

Deno.test("listResources() leaves out what an engine has removed, though it lists it without a name", async () => {
  await using standIn = await StandInEngine.start(({ url }) => {
    const { pathname } = new URL(url);
    if (pathname.endsWith("/containers/json")) return Response.json(LISTED);
    if (pathname.endsWith("/networks")) return Response.json([]);
    if (pathname.endsWith("/volumes")) return Response.json({ Volumes: null });
    if (THERE.some((path) => pathname.endsWith(path))) return Response.json({});
    return Response.json({ message: "No such container" }, { status: 404 });
  });
  const found = await listResources(standIn.engine);
  deepStrictEqual(found.map(({ name, hasEnded }) => [name, hasEnded]), [
    ["one", false],
    ["stuck", true],
  ]);
});
