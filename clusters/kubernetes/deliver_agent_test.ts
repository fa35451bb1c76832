import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import type { AgentPack } from "../../agent/build/agent_pack.ts";
import { openPack, writeManifest } from "../../agent/build/pack_manifest.ts";
import type { Delivery } from "./agent_supply.ts";
import { ApiError, type ExecResult } from "./api/mod.ts";
import { deliverAgent } from "./deliver_agent.ts";
import type { LaunchContext, NodePlan } from "./launch_context.ts";
import type { Pod, PodStatus } from "./pod.ts";

const plan: NodePlan = {
  name: "one",
  podName: "pod-one",
  options: { image: "i", helperImage: "h" },
  isAlone: true,
};

const call = {
  verb: "create",
  kind: "pods",
  namespace: "n",
  subresource: "exec",
  name: "pod-one",
} as const;

/** What a machine answers for a helper that does not run. */
const absent = new ApiError(call, { message: "container not found", status: 500 });

const answered: ExecResult = { code: 0, stdout: "10.0.0.7\n", stderr: "" };

async function makePack(stack: AsyncDisposableStack): Promise<AgentPack> {
  const dir = await Deno.makeTempDir();
  stack.defer(() => Deno.remove(dir, { recursive: true }));
  await Deno.writeTextFile(join(dir, "agent"), "program");
  const target = "x86_64-unknown-linux-gnu";
  await writeManifest(dir, { target, sources: "s", runtime: "r", command: ["{dir}/agent"] });
  return (await openPack(dir))!;
}

/** A pod of which the API server may know something, and whose helper answers one after the other. */
async function deliver(
  { answers, status, mayBeDirect = true, signal = new AbortController().signal }: {
    readonly answers: (ExecResult | ApiError)[];
    readonly status?: PodStatus;
    readonly mayBeDirect?: boolean;
    readonly signal?: AbortSignal;
  },
) {
  await using stack = new AsyncDisposableStack();
  const commands: (readonly string[])[] = [];
  const announced: string[] = [];
  const sent: (string | undefined)[] = [];
  const until = (_name: string, found: (pod: Pod) => unknown, signal: AbortSignal) => {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    try {
      if (status && found({ metadata: { name: "pod-one" }, status })) resolve({ status });
    } catch (error) {
      reject(error);
    }
    return promise;
  };
  const context = {
    api: {
      exec: ({ command }: { command: string[] }) => {
        commands.push(command);
        const answer = answers.shift() ?? absent;
        return answer instanceof ApiError ? Promise.reject(answer) : Promise.resolve(answer);
      },
    },
    watch: { until },
    routes: { mayBeDirect },
    supply: {
      announce: (_pod: string, address: string) => void announced.push(address),
      send: (_pack: AgentPack, { address }: Delivery) => Promise.resolve(void sent.push(address)),
    },
  } as unknown as LaunchContext;
  const supply = { by: "runner", isSeed: true } as const;
  const pack = await makePack(stack);
  const address = await deliverAgent(context, plan, { pack, supply, signal });
  return { address, commands, announced, sent };
}

Deno.test("deliverAgent() finds a helper that nobody has told of yet, and has it listen", async () => {
  const { address, commands, announced, sent } = await deliver({ answers: [absent, answered] });
  deepStrictEqual([address, announced, sent], ["10.0.0.7", ["10.0.0.7"], ["10.0.0.7"]]);
  deepStrictEqual(commands.map((command) => command.length), [5, 5]);
});

Deno.test("deliverAgent() opens no port where addresses do not answer", async () => {
  const { commands, announced, sent } = await deliver({ answers: [answered], mayBeDirect: false });
  deepStrictEqual([announced, sent], [["10.0.0.7"], [undefined]]);
  deepStrictEqual(commands, [["sh", "-c", 'echo "$POD_IP"']]);
});

Deno.test("deliverAgent() says at once that it may not ask", async () => {
  const refused = new ApiError(call, { message: "pods is forbidden", status: 403 });
  await rejects(deliver({ answers: [absent, refused, answered] }), refused);
});

Deno.test("deliverAgent() ends when its pod will never run, and when it is aborted", async () => {
  const waiting = { reason: "ImagePullBackOff", message: "no such image" };
  const containerStatuses = [{ name: "clustertest-agent", state: { waiting } }];
  await rejects(
    deliver({ answers: [], status: { containerStatuses } }),
    /its container "clustertest-agent" cannot start: no such image/,
  );
  const reason = new Error("enough");
  const error = await deliver({ answers: [], signal: AbortSignal.abort(reason) })
    .catch((error) => error);
  strictEqual(error, reason);
});
