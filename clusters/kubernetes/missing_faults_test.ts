import { match, strictEqual } from "node:assert/strict";
import { ApiError } from "./api/mod.ts";
import { missingFaults, refusedSidecar } from "./missing_faults.ts";

const node = { name: "node1" };

function refusal(message: string, status = 403): ApiError {
  return new ApiError({ verb: "create", kind: "pods", namespace: "tests" }, { message, status });
}

/** As the admission of Pod Security says it. */
const WORDS = 'pods "x" is forbidden: violates PodSecurity "baseline:latest": non-default ' +
  'capabilities (container "clustertest-faults" must not include "NET_ADMIN" in ' +
  "securityContext.capabilities.add)";

Deno.test("refusedSidecar() says what the server says, and where the test can run", () => {
  const error = refusedSidecar(refusal(WORDS), node, ["shape", "partition"])!;
  strictEqual(error.ability, "shape");
  strictEqual(refusedSidecar(refusal(WORDS, 400), node, ["shape"])?.message, error.message);
  match(error.message, /^Cannot shape the packets of a node on backend "kubernetes": the pod of /);
  match(
    error.message,
    /must not include "NET_ADMIN" .*; they can kill, start, restart, fullDisk\. Run this/,
  );
});

Deno.test("refusedSidecar() leaves what has other reasons", () => {
  const others = [
    [new Error(WORDS), ["shape"]],
    [refusal(WORDS), []],
    [refusal("exceeded quota: few"), ["shape"]],
    [refusal(WORDS, 409), ["shape"]],
  ] as const;
  for (const [error, needs] of others) strictEqual(refusedSidecar(error, node, needs), undefined);
});

Deno.test("missingFaults() says of each fault what to do", () => {
  const { partition, shape, kill } = missingFaults("unneeded", "node1");
  match(partition!.remedy, /^Say needs: \["partition"\] when the cluster is made/);
  match(shape!.remedy, /^Say needs: \["shape"\]/);
  strictEqual(kill, undefined);
  match(missingFaults("shared network", "node1").partition!.reason, /"node1" is not its own/);
});
