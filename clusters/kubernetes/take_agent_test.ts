import { rejects, throws } from "node:assert/strict";
import { ApiError } from "./api/mod.ts";
import { AGENT_TAKEN } from "./helper_scripts.ts";
import type { LaunchContext } from "./launch_context.ts";
import type { Pod } from "./pod.ts";
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

/**
 * Waits for a helper that answers with these exit codes, one after the other, and of whose end its machine
 * may have told.
 */
async function taken(
  { answers, exitCode, signal = new AbortController().signal }: {
    readonly answers: number[];
    readonly exitCode?: number;
    readonly signal?: AbortSignal;
  },
): Promise<void> {
  const state = exitCode === undefined ? { running: {} } : { terminated: { exitCode } };
  const pod = {
    metadata: { name: "p" },
    status: { containerStatuses: [{ name: "clustertest-agent", state }] },
  };
  const until = async (_name: string, found: (pod: Pod) => unknown, signal: AbortSignal) => {
    found(pod);
    await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
  };
  const exec = ({ signal }: { readonly signal: AbortSignal }) => {
    signal.throwIfAborted();
    const code = answers.shift();
    return code === undefined
      ? Promise.reject(new ApiError(call, { message: "it broke off" }))
      : Promise.resolve({ code, stdout: "", stderr: "" });
  };
  const context = { api: { exec }, watch: { until } } as unknown as LaunchContext;
  const plan = { podName: "p", options: { image: "i", helperImage: "h" } };
  await awaitTaken(context, plan, { unknown: new UnknownDelivery("who knows"), signal });
}

Deno.test("awaitTaken() asks the helper until it has the agent", async () => {
  await taken({ answers: [1, 0] });
});

Deno.test("awaitTaken() ends with what the cluster says of a helper that has ended, or when aborted", async () => {
  await rejects(taken({ answers: [], exitCode: 3 }), /"clustertest-agent" ended with exit code 3/);
  const reason = new Error("enough");
  await rejects(taken({ answers: [], signal: AbortSignal.abort(reason) }), reason);
});
