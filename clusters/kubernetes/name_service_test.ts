import { deepStrictEqual, match, rejects } from "node:assert/strict";
import { currentProcess } from "../ownership/process_identity.ts";
import { AnsweringServer, type GivenAnswer } from "./api/testing/answering_server.ts";
import { NameService } from "./name_service.ts";
import type { OwnerReference } from "./pod.ts";

const OWNER = { apiVersion: "batch/v1", kind: "Job", name: "owner", uid: "1" };

async function open(
  stack: AsyncDisposableStack,
  { answers = [], owners = [OWNER] }: {
    readonly answers?: GivenAnswer[];
    readonly owners?: readonly OwnerReference[];
  } = {},
) {
  const answer = () => answers.shift() ?? {};
  const server = stack.use(await AnsweringServer.open({ answer }));
  const warnings: string[] = [];
  const names = new NameService(await server.api(stack), {
    run: { id: "run1", owner: currentProcess() },
    clusterId: "0a",
    maxLife: 1000,
    owner: { references: () => Promise.resolve(owners) },
    emit: (event) => void (event.type === "warning" && warnings.push(event.message)),
  });
  return { names, server, warnings };
}

Deno.test("NameService makes one headless service, and removes it", async () => {
  await using stack = new AsyncDisposableStack();
  const { names, server } = await open(stack);
  const domain = { subdomain: "owner", search: "owner.tests.svc.cluster.local" };
  deepStrictEqual(await Promise.all([names.domain(), names.domain()]), [domain, domain]);
  const { metadata, spec } = JSON.parse(server.seen[0]!.body);
  deepStrictEqual(metadata.ownerReferences, [OWNER]);
  deepStrictEqual(spec, {
    clusterIP: "None",
    publishNotReadyAddresses: true,
    selector: { clustertest: "node", "clustertest.cluster": "0a" },
  });
  await names.remove();
  await names.remove();
  const path = "/api/v1/namespaces/tests/services";
  deepStrictEqual(server.seen.map(({ method, path }) => `${method} ${path}`), [
    `POST ${path}`,
    `DELETE ${path}/owner`,
  ]);
});

Deno.test("NameService makes nothing that nothing would remove", async () => {
  await using stack = new AsyncDisposableStack();
  const { names, server } = await open(stack, { owners: [] });
  deepStrictEqual(await names.domain(), undefined);
  await names.remove();
  deepStrictEqual(server.seen, []);
});

Deno.test("NameService does without where it is refused, and says so once", async () => {
  await using stack = new AsyncDisposableStack();
  const refused = { status: 403, body: { kind: "Status", message: "exceeded quota: no services" } };
  const { names, server, warnings } = await open(stack, { answers: [refused] });
  deepStrictEqual([await names.domain(), await names.domain()], [undefined, undefined]);
  deepStrictEqual(server.seen.length, 1);
  match(warnings.join("\n"), /^Names of nodes are in their hosts files alone, .*no services$/);
});

Deno.test("NameService is tried again after a failure that may pass", async () => {
  await using stack = new AsyncDisposableStack();
  const failed = { status: 422, body: { kind: "Status", message: "no" } };
  const { names, warnings } = await open(stack, { answers: [failed] });
  await rejects(names.domain(), /Cannot create service "owner" .*: no$/);
  deepStrictEqual((await names.domain())?.subdomain, "owner");
  deepStrictEqual(warnings, []);
});
