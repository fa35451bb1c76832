/**
 * The owner of a cluster's objects, on API servers of recorded answers: the one at hand is of one version.
 *
 * @module
 */
import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert/strict";
import type { ModuleRenewal, RenewalModule } from "../../agent/client/fleet.ts";
import { currentProcess } from "../ownership/process_identity.ts";
import {
  AnsweringServer,
  type GivenAnswer,
  type SeenRequest,
} from "./api/testing/answering_server.ts";
import { ClusterOwner } from "./cluster_owner.ts";
import { readLabels } from "./labels.ts";

const { signal } = new AbortController();

const run = { id: "run1", owner: currentProcess() };

const JOBS = "/apis/batch/v1/namespaces/tests/jobs";
const SCHEDULES = "/apis/batch/v1beta1/namespaces/tests/cronjobs";

/** What is asked of a server, without its namespace. */
interface Asked {
  readonly what: string;
  readonly body: Body;
}

interface Body {
  readonly metadata: {
    readonly name: string;
    readonly labels: Record<string, string>;
    readonly ownerReferences?: unknown;
  };
  readonly spec?: Record<string, unknown>;
}

/** A server that has the objects which it is told to make, with what `change` does to them. */
async function open(
  stack: AsyncDisposableStack,
  change: (body: Body, request: SeenRequest) => GivenAnswer | undefined,
) {
  const answer = (request: SeenRequest): GivenAnswer => {
    if (request.body === "") return { body: {} };
    const body = JSON.parse(request.body);
    const made = { ...body, metadata: { ...body.metadata, uid: `uid of ${request.path}` } };
    return change(made, request) ?? { body: made };
  };
  const server = stack.use(await AnsweringServer.open({ answer }));
  const warnings: string[] = [];
  const renewals = new Set<ModuleRenewal>();
  const owner = new ClusterOwner(await server.api(stack), {
    run,
    clusterId: "0A",
    lease: 60_000,
    helperImage: "mine",
    emit: (event) => void (event.type === "warning" && warnings.push(event.message)),
    fleet: {
      renew: (renewal) => {
        renewals.add(renewal);
        return { [Symbol.dispose]: () => void renewals.delete(renewal) };
      },
    },
  });
  const asked = (): Asked[] =>
    server.seen.splice(0).map(({ method, path, body }) => ({
      what: `${method} ${path.replace(nameIn(path), "NAME")}`,
      body: body === "" ? undefined : JSON.parse(body),
    }));
  return { owner, warnings, renewals, asked };
}

function nameIn(path: string): string {
  return /clustertest-0a-[0-9a-f]{6}/.exec(path)?.[0] ?? "NAME";
}

/** Servers before 1.21 know no such field, and leave it out. */
function old({ spec, ...made }: Body): GivenAnswer {
  const { ttlSecondsAfterFinished: _, ...known } = spec ?? {};
  return { body: { ...made, spec: known } };
}

async function renewOnce([renewal]: Iterable<ModuleRenewal>): Promise<void> {
  const { openRenewal } = await import(renewal!.module) as RenewalModule;
  using opened = await openRenewal(JSON.parse(JSON.stringify(renewal!.target)));
  await opened.renew(signal);
}

Deno.test("ClusterOwner is a job that a newer server removes, unless it is renewed", async () => {
  await using stack = new AsyncDisposableStack();
  const { owner, renewals, asked } = await open(stack, () => undefined);
  deepStrictEqual(asked(), []);
  const [references] = await Promise.all([owner.references(), owner.references()]);
  const [{ what, body: { metadata, spec = {} } }, ...more] = asked() as [Asked];
  deepStrictEqual([what, more.map(({ what }) => what)], [`POST ${JOBS}`, [`PATCH ${JOBS}/NAME`]]);
  deepStrictEqual([spec.completions, spec.parallelism, spec.ttlSecondsAfterFinished], [0, 0, 960]);
  match(JSON.stringify(spec.template), /"image":"mine"/);
  strictEqual(readLabels(metadata.labels)?.role, "owner");
  deepStrictEqual(references, [
    { apiVersion: "batch/v1", kind: "Job", name: metadata.name, uid: `uid of ${JOBS}` },
  ]);

  strictEqual([...renewals][0]?.interval, 180_000);
  await renewOnce(renewals);
  const [renewed, ...others] = asked() as [Asked];
  deepStrictEqual([renewed.what, others], [`PATCH ${JOBS}/NAME`, []]);
  const seconds = renewed.body.spec!.ttlSecondsAfterFinished as number;
  ok(seconds >= 960 && seconds < 1100, String(seconds));
  const { until } = readLabels(renewed.body.metadata.labels)!;
  ok(until > Date.now() + 900_000 && until < Date.now() + 1_000_000, String(until));

  await owner.remove();
  await owner.remove();
  deepStrictEqual(renewals.size, 0);
  deepStrictEqual(asked().map(({ what }) => what), [`DELETE ${JOBS}/NAME`]);
});

Deno.test("ClusterOwner has a schedule remove the job where servers do not", async () => {
  await using stack = new AsyncDisposableStack();
  const { owner, renewals, asked } = await open(stack, old);
  const references = await owner.references();
  const [, schedule, adoption, ...tries] = asked() as [Asked, Asked, Asked];
  deepStrictEqual(tries.map(({ what }) => what), [`PATCH ${SCHEDULES}/NAME`, `PATCH ${JOBS}/NAME`]);
  strictEqual(schedule.what, `POST ${SCHEDULES}`);
  deepStrictEqual(schedule.body.metadata.ownerReferences, references);
  deepStrictEqual(schedule.body.spec?.schedule, "@every 960s");
  strictEqual(adoption.what, `PATCH ${JOBS}/NAME`);
  deepStrictEqual(adoption.body.metadata.ownerReferences, [{
    apiVersion: "batch/v1beta1",
    kind: "CronJob",
    name: schedule.body.metadata.name,
    uid: `uid of ${SCHEDULES}`,
    controller: true,
  }]);

  await renewOnce(renewals);
  const [first, second] = asked() as [Asked, Asked];
  deepStrictEqual([first.what, second.what], [`PATCH ${SCHEDULES}/NAME`, `PATCH ${JOBS}/NAME`]);
  match(String(first.body.spec?.schedule), /^@every (9[6-9]\d|10\d\d)s$/);

  await owner.remove();
  deepStrictEqual(asked().map(({ what }) => what), [
    `DELETE ${SCHEDULES}/NAME`,
    `DELETE ${JOBS}/NAME`,
  ]);
});

Deno.test("ClusterOwner does without where it is refused, and says so once", async () => {
  const message = 'jobs.batch is forbidden: User "u" cannot create resource "jobs" in API group';
  await using stack = new AsyncDisposableStack();
  const { owner, warnings, renewals, asked } = await open(
    stack,
    () => ({ status: 403, body: { kind: "Status", reason: "Forbidden", message } }),
  );
  deepStrictEqual([await owner.references(), await owner.references()], [[], []]);
  strictEqual(asked().length, 1);
  match(
    warnings.join("\n"),
    /^When the runner .* are killed, .* nothing in the cluster removes them: Cannot create job .*kubernetes:policy.*$/,
  );
  await owner.remove();
  deepStrictEqual([asked(), renewals.size], [[], 0]);
});

Deno.test("ClusterOwner leaves no job that nothing would remove", async () => {
  await using stack = new AsyncDisposableStack();
  const refused = { status: 403, body: { kind: "Status", message: "exceeded quota: few" } };
  const { owner, warnings, asked } = await open(
    stack,
    (body, { path }) => path === SCHEDULES ? refused : old(body),
  );
  deepStrictEqual(await owner.references(), []);
  deepStrictEqual(asked().map(({ what }) => what), [
    `POST ${JOBS}`,
    `POST ${SCHEDULES}`,
    `DELETE ${JOBS}/NAME`,
  ]);
  match(warnings.join("\n"), /exceeded quota: few$/);
});

Deno.test("ClusterOwner does without where it may be made, but not be renewed", async () => {
  await using stack = new AsyncDisposableStack();
  const refused = { status: 403, body: { kind: "Status", message: "cannot patch" } };
  const { owner, warnings, renewals, asked } = await open(
    stack,
    (_, { method }) => method === "PATCH" ? refused : undefined,
  );
  deepStrictEqual(await owner.references(), []);
  deepStrictEqual(asked().map(({ what }) => what), [
    `POST ${JOBS}`,
    `PATCH ${JOBS}/NAME`,
    `DELETE ${JOBS}/NAME`,
  ]);
  deepStrictEqual([warnings.length, renewals.size], [1, 0]);
});

Deno.test("ClusterOwner is tried again after a failure that may pass", async () => {
  await using stack = new AsyncDisposableStack();
  const answers = [{ status: 422, body: { kind: "Status", message: "no" } }];
  const { owner, warnings } = await open(stack, () => answers.shift());
  await rejects(owner.references(), /Cannot create job .*: no$/);
  strictEqual((await owner.references()).length, 1);
  deepStrictEqual(warnings, []);
});

Deno.test("ClusterOwner fails where its namespace is not there, and warns of nothing", async () => {
  await using stack = new AsyncDisposableStack();
  const message = 'namespaces "none" not found';
  const { owner, warnings } = await open(
    stack,
    () => ({ status: 404, body: { kind: "Status", reason: "NotFound", message } }),
  );
  await rejects(owner.references(), /namespaces "none" not found/);
  deepStrictEqual(warnings, []);
});
