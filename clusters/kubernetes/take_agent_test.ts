import { rejects, throws } from "node:assert/strict";
import { ApiError } from "./api/mod.ts";
import { AGENT_TAKEN } from "./helper_scripts.ts";
import type { Pod } from "./pod.ts";
import type { PodWatch } from "./pod_watch.ts";
import { awaitTaken, brokenOff, checkTaken, UnknownDelivery } from "./take_agent.ts";

const call = {
  verb: "create",
  kind: "pods",
  namespace: "n",
  subresource: "exec",
  name: "p",
} as const;

Deno.test("checkTaken() believes what the shell said before it was killed", () => {
  checkTaken({ code: 0, stdout: "", stderr: "" });
  checkTaken({ code: 137, stdout: `${AGENT_TAKEN}\n`, stderr: "" });
  throws(() => checkTaken({ code: 137, stdout: "", stderr: "" }), UnknownDelivery);
});

Deno.test("checkTaken() blames the image only for a shell that has ended by itself", () => {
  throws(
    () => checkTaken({ code: 127, stdout: "", stderr: "" }),
    /did not take the agent \(exit code 127\): it says nothing; its image has to have BusyBox/,
  );
  throws(() => checkTaken({ code: 1, stdout: "", stderr: "tar: no room\n" }), /: tar: no room$/);
});

Deno.test("brokenOff() tells a refusal from a connection that has ended", () => {
  const refused = new ApiError(call, { message: "no", status: 403 });
  throws(() => brokenOff(refused), refused);
  const aborted = new Error("enough");
  throws(() => brokenOff(aborted), aborted);
  throws(() => brokenOff(new ApiError(call, { message: "it broke off" })), UnknownDelivery);
});

/** What is known of a pod whose helper has ended with this code, or goes on. */
function podWith(exitCode?: number): Pod {
  const state = exitCode === undefined ? { running: {} } : { terminated: { exitCode } };
  const initContainerStatuses = [{ name: "clustertest-agent", state }];
  return { metadata: { name: "p" }, status: { initContainerStatuses } };
}

/** Waits for the helper of such a pod until `signal` aborts. */
async function taken(pod: Pod, signal: AbortSignal): Promise<void> {
  const until: PodWatch["until"] = async (_name, found, signal) => {
    const result = found(pod);
    if (result !== undefined) return result;
    return await new Promise((_, reject) => {
      const abort = () => reject(signal.reason);
      signal.addEventListener("abort", abort, { once: true });
      if (signal.aborted) abort();
    });
  };
  const watch = { until } as PodWatch;
  const plan = { podName: "p", options: { image: "i", helperImage: "h" } };
  await awaitTaken({ watch }, plan, { unknown: new UnknownDelivery("who knows"), signal });
}

Deno.test("awaitTaken() asks the cluster how the helper has ended", async () => {
  const { signal } = new AbortController();
  await taken(podWith(0), signal);
  await rejects(taken(podWith(3), signal), /"clustertest-agent" ended with exit code 3/);
  const reason = new Error("enough");
  await rejects(taken(podWith(), AbortSignal.abort(reason)), reason);
});
