import type { FleetAgent } from "../../agent/client/fleet.ts";
import { Deadline } from "../../agent/deadline.ts";
import { throwFailures } from "../concurrency/mod.ts";
import {
  filesOfAgent,
  type FullDisk,
  HostsFile,
  killInPlace,
  logDetails,
  type LossReason,
  type MissingAbilities,
  type NodeNetwork,
  type NodeResource,
  type OncePerKernel,
  startInPlace,
  type StoredFiles,
} from "../kit/mod.ts";
import type { LaunchContext } from "./launch_context.ts";
import type { PodOptions } from "./kubernetes_options.ts";
import type { PodSecret } from "./launch_secrets.ts";
import { missingFaults, type NoSidecar } from "./missing_faults.ts";
import { PodDisks } from "./pod_disks.ts";
import { readLog } from "./pod_log.ts";
import { AGENT_PORT, HOSTS_FILE, LAUNCH_DIR, NODE_CONTAINER, OPEN_DIR } from "./pod_places.ts";
import { isUnexplained, lossOf, runs } from "./pod_state.ts";
import { readDisruption, readWarnings, warningLines } from "./pod_warnings.ts";

/** Milliseconds in which the last lines of an agent, and what the cluster says, are had before they are gone. */
const LOOK_DEADLINE = 5000;

/** Milliseconds in which an agent that answers has ended all that it has started. */
const END_DEADLINE = 5_000;

/** What a node is made of. */
export interface PodParts {
  readonly agent: FleetAgent;
  /** The pod's name. */
  readonly pod: string;
  /** Has what its agents were launched with. */
  readonly secret: PodSecret;
  /** The node's. */
  readonly node: string;
  readonly address: string;
  readonly options: PodOptions;
  /** Launches its sidecar, or says why it has none. */
  readonly sidecar: NonNullable<NodeResource["launchSidecar"]> | NoSidecar;
  /** Whether what its processes share in memory is its machine's. */
  readonly sharesMemory: boolean;
}

/** What of a cluster is for all of its pods. */
type PodContext = Pick<
  LaunchContext,
  "api" | "watch" | "remover" | "secrets" | "supply" | "kernels"
>;

/** The pod of a node. */
export class PodResource implements NodeResource {
  readonly id: string;
  readonly address: string;
  readonly networks: readonly NodeNetwork[];
  readonly hostsFile: HostsFile = new HostsFile(`${LAUNCH_DIR}/${OPEN_DIR}/${HOSTS_FILE}`);
  /** No fault concerns it, also where agents are reached by the loopback of their pods. */
  readonly controlPort = AGENT_PORT;
  readonly launchSidecar: NodeResource["launchSidecar"];
  readonly missing: MissingAbilities | undefined;
  readonly fullDisk: FullDisk;
  readonly #context: PodContext;
  readonly #parts: PodParts;

  constructor(parts: PodParts, context: PodContext) {
    this.#parts = parts;
    this.#context = context;
    this.id = parts.pod;
    this.address = parts.address;
    // All pods of a cluster reach each other, whatever their namespaces.
    this.networks = [{ id: `kubernetes ${context.api.server}`, address: parts.address }];
    const { sidecar, node, sharesMemory, options: { volumes } } = parts;
    this.fullDisk = new PodDisks({ volumes, sharesMemory });
    if (typeof sidecar === "string") this.missing = missingFaults(sidecar, node);
    else this.launchSidecar = sidecar;
  }

  get ownsNetwork(): boolean {
    return this.#parts.sidecar !== "shared network";
  }

  get oncePerKernel(): OncePerKernel {
    const { watch, kernels } = this.#context;
    const pod = watch.look(this.id);
    const machine = pod === undefined || pod === "gone" ? this.id : pod.spec?.nodeName ?? this.id;
    return (ask, signal) => kernels.once(machine, ask, signal);
  }

  /** The name of its node. */
  get node(): string {
    return this.#parts.node;
  }

  async ended(signal: AbortSignal): Promise<LossReason> {
    const { api, supply, watch } = this.#context;
    const { pod, options: { memory } } = this.#parts;
    const reason = await watch.until(pod, (view) => lossOf(view, memory), signal);
    supply.forget(pod, new Error(reason.summary));
    using deadline = new Deadline(LOOK_DEADLINE, [signal]);
    const [warnings, log] = await Promise.all([
      (isUnexplained(reason) ? readDisruption : readWarnings)(api, pod, deadline.signal),
      readLog(api, { pod, container: NODE_CONTAINER, signal: deadline.signal }),
    ]);
    signal.throwIfAborted();
    const known = [reason.summary, ...reason.details ?? []];
    const lines = warningLines(warnings, known.join("\n"));
    return { ...reason, details: [...reason.details ?? [], ...lines, ...logDetails(log)] };
  }

  async remove(): Promise<void> {
    const { remover, secrets, supply } = this.#context;
    const { pod, secret, node } = this.#parts;
    supply.forget(pod, new Error("its node was given back"));
    const isRunning = await this.#mayRun();
    throwFailures(
      await Promise.allSettled([
        remover.remove({ pod, node, isRunning }),
        secrets.remove(secret),
      ]),
    );
  }

  /** Whether something of the test may run in the pod, now that its agent was asked to end all of it. */
  async #mayRun(): Promise<boolean> {
    const { agent, pod, options: { memory } } = this.#parts;
    const view = this.#context.watch.look(pod);
    if (view === "gone" || lossOf(view, memory) !== undefined && !runs(view, NODE_CONTAINER)) {
      return false;
    }
    using deadline = new Deadline(END_DEADLINE);
    return await agent.host.processes.kill({ signal: deadline.signal }).then(
      () => false,
      () => true,
    );
  }

  /** The pod goes on, and its agent with it: a container that has ended is not started again as it was. */
  async kill(agent: FleetAgent, onDown: () => void): Promise<FleetAgent> {
    onDown();
    return await killInPlace(agent, this);
  }

  async start(agent: FleetAgent, signal: AbortSignal): Promise<FleetAgent> {
    return await startInPlace(agent, this, signal);
  }

  /** The agent is there while the node is down. */
  openStoredFiles(agent: FleetAgent): Promise<StoredFiles> {
    return Promise.resolve(filesOfAgent(agent));
  }
}
