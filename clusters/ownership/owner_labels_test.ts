import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { formatIdentity, parseIdentity } from "./identity_text.ts";
import { ownerLabels, readOwnerLabels } from "./owner_labels.ts";
import { currentProcess } from "./process_identity.ts";
import { currentRun } from "./current_run.ts";

/** What Kubernetes takes for the value of a label; tags and labels of others take more. */
const LABEL_VALUE = /^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;

const options = { prefix: "clustertest.", maxLife: 3_600_000 };
const ownership = { run: currentRun(), clusterId: "0123456789ab" };

Deno.test("ownerLabels() have values that every system takes", () => {
  const owner = { namespace: "f".repeat(16), pid: 4_194_304, start: "9".repeat(19) };
  for (const run of [ownership.run, { ...ownership.run, owner }]) {
    const values = Object.values(ownerLabels({ ...ownership, run }, options));
    for (const value of values) match(value, LABEL_VALUE);
  }
});

Deno.test("readOwnerLabels() reads what ownerLabels() wrote", () => {
  const before = Date.now();
  const { run, owner, until } = readOwnerLabels(ownerLabels(ownership, options), options.prefix);
  deepStrictEqual({ id: run, owner }, ownership.run);
  ok(Math.abs(until - before - options.maxLife) < 60_000, `${until}`);
});

Deno.test("readOwnerLabels() knows until when, and no owner, of what an earlier version made", () => {
  const { run, owner, until } = readOwnerLabels({
    "clustertest.run": "run1",
    "clustertest.owner": '{"host":"vm/pid:[4026531836]","boot":"b","pid":1,"start":"1"}',
    "clustertest.until": "2026-11-30T06:52:28.123Z",
  }, options.prefix);
  deepStrictEqual([run, owner, until], ["run1", undefined, Date.UTC(2026, 10, 30, 6, 52, 28, 123)]);
});

Deno.test("readOwnerLabels() makes nothing of what is missing", () => {
  deepStrictEqual(readOwnerLabels({}, options.prefix), {
    run: undefined,
    owner: undefined,
    until: NaN,
  });
});

Deno.test("parseIdentity() reads what formatIdentity() wrote, and nothing else", () => {
  const self = currentProcess();
  deepStrictEqual(parseIdentity(formatIdentity(self)), self);
  const others = [
    "",
    "null",
    "2.0123.1.1",
    formatIdentity({ ...self, start: "long ago" }),
    2,
    null,
  ];
  for (const other of others) strictEqual(parseIdentity(other), undefined, `${other}`);
});
