import { deepStrictEqual, notStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { currentProcess } from "../ownership/process_identity.ts";
import { AnsweringServer, type GivenAnswer } from "./api/testing/answering_server.ts";
import { LaunchSecrets, MAX_BYTES } from "./launch_secrets.ts";

const OWNER = { apiVersion: "batch/v1", kind: "Job", name: "owner", uid: "1" };

async function open(stack: AsyncDisposableStack, answers: GivenAnswer[] = []) {
  const answer = () => answers.shift() ?? {};
  const server = stack.use(await AnsweringServer.open({ answer }));
  const secrets = new LaunchSecrets(await server.api(stack), {
    run: { id: "run1", owner: currentProcess() },
    clusterId: "0A",
    maxLife: 1000,
    owner: { references: () => Promise.resolve([OWNER]) },
  });
  return { secrets, server };
}

Deno.test("LaunchSecrets makes one Secret for pods that are made together, with keys of their own", async () => {
  await using stack = new AsyncDisposableStack();
  const { secrets, server } = await open(stack);
  const [one, two] = await Promise.all([
    secrets.put("pod1", { node: "first" }),
    secrets.put("pod2", { node: "second", sidecar: "beside" }),
  ]);
  strictEqual(server.seen.length, 1);
  const { metadata, immutable, stringData } = JSON.parse(server.seen[0]!.body);
  deepStrictEqual(stringData, {
    "pod1.launch.json": "first",
    "pod2.launch.json": "second",
    "pod2.sidecar.json": "beside",
  });
  deepStrictEqual([immutable, metadata.ownerReferences], [true, [OWNER]]);
  deepStrictEqual(
    [metadata.labels.clustertest, metadata.labels["clustertest.cluster"]],
    ["launch", "0A"],
  );
  deepStrictEqual([one.name, two.name], [metadata.name, metadata.name]);
  deepStrictEqual(
    [one.nodeKey, two.nodeKey, two.sidecarKey],
    Object.keys(stringData),
  );
  strictEqual(metadata.name, metadata.name.toLowerCase());
});

Deno.test("LaunchSecrets keeps a Secret until the last of its pods needs it no more", async () => {
  await using stack = new AsyncDisposableStack();
  const { secrets, server } = await open(stack);
  const [one, two] = await Promise.all([
    secrets.put("pod1", { node: "{}" }),
    secrets.put("pod2", { node: "{}" }),
  ]);
  const later = await secrets.put("pod3", { node: "{}" });
  notStrictEqual(later.name, one.name);
  await secrets.remove(one);
  await secrets.remove(one);
  strictEqual(server.seen.length, 2);
  await secrets.remove(two);
  await secrets.remove(two);
  const [request, ...more] = server.seen.slice(2);
  deepStrictEqual([request!.method, more], ["DELETE", []]);
  ok(request!.path.endsWith(`/secrets/${one.name}`));
});

Deno.test("LaunchSecrets makes as many Secrets as their size demands", async () => {
  await using stack = new AsyncDisposableStack();
  const { secrets, server } = await open(stack);
  // Of two bytes a character.
  const half = "ä".repeat(MAX_BYTES / 4);
  const pods = ["1", "2", "3", "4", "5"].map((pod) => secrets.put(pod, { node: half }));
  const large = secrets.put("6", { node: half + half + half });
  const names = (await Promise.all([...pods, large])).map(({ name }) => name);
  const order = [...new Set(names)];
  deepStrictEqual(names.map((name) => order.indexOf(name)), [0, 0, 1, 1, 2, 3]);
  strictEqual(server.seen.length, 4);
});

Deno.test("LaunchSecrets says why there is no Secret, and has the next pods try again", async () => {
  await using stack = new AsyncDisposableStack();
  const refused = { status: 403, body: { kind: "Status", message: "exceeded quota" } };
  const { secrets } = await open(stack, [refused]);
  const made = ["pod1", "pod2"].map((pod) => secrets.put(pod, { node: "{}" }));
  await Promise.all(made.map((each) => rejects(each, /exceeded quota/)));
  await secrets.put("pod1", { node: "{}" });
});
