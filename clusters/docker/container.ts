import { AgentOutput } from "./agent_output.ts";
import type { CreateRequest } from "./docker_options.ts";
import type { Engine } from "./engine/engine.ts";
import type { EngineCall } from "./engine/engine_call.ts";
import { engineInfo } from "./engine/engine_info.ts";
import { hasStatus, orMissing } from "./engine/engine_error.ts";

/** Milliseconds that an engine may take to create, start or remove a container. */
const CHANGE_DEADLINE = 60_000;

/**
 * Attempts to pause a container. Where processes begin while they are stopped, with the first version of control
 * groups, an engine gives up after a moment, and lets all of them go on.
 */
const FREEZE_ATTEMPTS = 10;

function couldNotFreeze(error: unknown): boolean {
  return hasStatus(error, 500) && /unable to freeze/.test(error.reason);
}

/** What is asked of an engine about a container. */
export interface ContainerInspection {
  readonly State: {
    readonly Running: boolean;
    readonly ExitCode: number;
    readonly OOMKilled: boolean;
    readonly Error: string;
  };
  readonly NetworkSettings: {
    readonly Ports: Readonly<Record<string, readonly { HostPort: string }[] | null>> | null;
    readonly Networks: Readonly<
      Record<string, { readonly IPAddress: string; readonly NetworkID?: string }>
    >;
  };
  readonly HostConfig: HostConfigLimits & {
    readonly IpcMode: string;
    readonly Tmpfs?: Readonly<Record<string, string>> | null;
  };
  readonly Mounts: readonly {
    readonly Type: string;
    readonly Name?: string;
    readonly Destination: string;
  }[];
}

/** What a container gets of its machine; zero is no limit. Processors come by number, or by a quota. */
export interface HostConfigLimits {
  readonly NanoCpus: number;
  readonly CpuQuota: number;
  readonly CpuPeriod: number;
  readonly Memory: number;
  readonly MemorySwap: number;
}

/** A volume, and who has it. */
export interface VolumeUse {
  /** Those of its driver. */
  readonly options: Readonly<Record<string, string>>;
  readonly containers: number;
}

/** A container of ours, from its creation to its removal. */
export class Container {
  readonly id: string;
  readonly name: string;
  #engine: Engine;

  private constructor(engine: Engine, id: string, name: string) {
    this.#engine = engine;
    this.id = id;
    this.name = name;
  }

  /**
   * Creates a container and does not start it. This is not aborted, since the engine would go on,
   * and the container would be an orphan that nothing names.
   */
  static async create(
    engine: Engine,
    name: string,
    request: CreateRequest,
    options: { platform?: string | undefined } = {},
  ): Promise<Container> {
    const { Id } = await engine.call<{ Id: string }>({
      what: `create the container "${name}"`,
      method: "POST",
      path: "/containers/create",
      query: { name, platform: options.platform },
      body: request,
      deadline: CHANGE_DEADLINE,
    });
    return new Container(engine, Id, name);
  }

  /** Takes part in a network, under an additional name if it is one that has names. */
  async join(
    network: string,
    { alias, signal }: { alias?: string; signal?: AbortSignal } = {},
  ): Promise<void> {
    await this.#engine.call({
      what: `connect the container "${this.name}" to the network "${network}"`,
      method: "POST",
      path: `/networks/${network}/connect`,
      body: { Container: this.id, EndpointConfig: alias === undefined ? {} : { Aliases: [alias] } },
      signal,
    });
  }

  /** Unpacks a small archive in the container, which need not run. */
  async unpack(archive: EngineCall["archive"], path: string, signal: AbortSignal): Promise<void> {
    await this.#engine.call({
      what: `write to the container "${this.name}"`,
      method: "PUT",
      path: `/containers/${this.id}/archive`,
      query: { path },
      archive,
      signal,
    });
  }

  /** Takes over input and outputs. To miss nothing, do so before the start. */
  async attach(signal: AbortSignal): Promise<AgentOutput> {
    return new AgentOutput(
      await this.#engine.hijack({
        what: `attach to the container "${this.name}"`,
        method: "POST",
        path: `/containers/${this.id}/attach`,
        query: { stream: true, stdin: true, stdout: true, stderr: true },
        signal,
      }),
    );
  }

  /** Starts it. */
  async start(signal: AbortSignal): Promise<void> {
    await this.#do("start", { signal });
  }

  /** Kills everything in it. */
  async kill(): Promise<void> {
    await this.#engine.inTurn(() => this.#do("kill", { query: { signal: "SIGKILL" } }));
  }

  /** Stops the clock of everything in it. */
  async pause(): Promise<void> {
    for (let attempt = 1;; attempt++) {
      try {
        return await this.#do("pause");
      } catch (error) {
        if (attempt === FREEZE_ATTEMPTS || !couldNotFreeze(error)) throw error;
      }
    }
  }

  /** Lets it go on. */
  async unpause(): Promise<void> {
    await this.#do("unpause");
  }

  /**
   * Changes what it gets of its machine. Throws when the engine leaves something of that out. This is not
   * aborted, since the engine would go on, and might do it after what is asked of it next.
   */
  async update(limits: Partial<HostConfigLimits>): Promise<void> {
    const what = `change the limits of the container "${this.name}"`;
    const { Warnings } = await this.#engine.call<{ Warnings: readonly string[] | null }>({
      what,
      method: "POST",
      path: `/containers/${this.id}/update`,
      body: limits,
      deadline: CHANGE_DEADLINE,
    });
    const discarded = Warnings?.find((each) => /discarded/i.test(each));
    if (discarded) throw new Error(`Cannot ${what}: ${discarded}`);
  }

  /** The version of control groups on its machine. */
  async cgroupVersion(signal?: AbortSignal): Promise<"1" | "2"> {
    return (await engineInfo(this.#engine, signal)).CgroupVersion ?? "1";
  }

  /** How many containers have a volume, and what that is; `undefined` when it is gone. */
  async volume(name: string, signal?: AbortSignal): Promise<VolumeUse | undefined> {
    const volume = await orMissing(
      this.#engine.call<{ Options: VolumeUse["options"] | null }>({
        what: `inspect the volume "${name}"`,
        method: "GET",
        path: `/volumes/${name}`,
        signal,
      }),
    );
    if (!volume) return undefined;
    const containers = await this.#engine.call<unknown[]>({
      what: `list the containers that have the volume "${name}"`,
      method: "GET",
      path: "/containers/json",
      query: { all: true, filters: JSON.stringify({ volume: [name] }) },
      signal,
    });
    return { options: volume.Options ?? {}, containers: containers.length };
  }

  /** What the engine knows of it; `undefined` when it is gone. */
  async inspect(signal?: AbortSignal): Promise<ContainerInspection | undefined> {
    return await inspectContainer(this.#engine, { id: this.id, name: this.name, signal });
  }

  /** Kills it and removes it with its volumes, unless that has been done. */
  async remove(): Promise<void> {
    await this.#engine.inTurn(() => removeContainer(this.#engine, this.id, this.name));
  }

  async #do(verb: string, call: Pick<EngineCall, "query" | "signal"> = {}): Promise<void> {
    await this.#engine.call({
      what: `${verb} the container "${this.name}"`,
      method: "POST",
      path: `/containers/${this.id}/${verb}`,
      deadline: CHANGE_DEADLINE,
      ...call,
    });
  }
}

/** What an engine knows of a container; `undefined` when it is gone. */
export async function inspectContainer(
  engine: Engine,
  { id, name, signal }: {
    readonly id: string;
    readonly name: string;
    readonly signal?: AbortSignal | undefined;
  },
): Promise<ContainerInspection | undefined> {
  return await orMissing(engine.call<ContainerInspection>({
    what: `inspect the container "${name}"`,
    method: "GET",
    path: `/containers/${id}/json`,
    signal,
  }));
}

/** Removes a container and its volumes, whatever its state; resolves when it is gone. */
export async function removeContainer(engine: Engine, id: string, name: string): Promise<void> {
  const what = `remove the container "${name}"`;
  try {
    await orMissing(engine.call({
      what,
      method: "DELETE",
      path: `/containers/${id}`,
      query: { force: true, v: true },
      deadline: CHANGE_DEADLINE,
    }));
  } catch (error) {
    // The engine removes it already, for it has just ended.
    if (!hasStatus(error, 409)) throw error;
    await orMissing(engine.call({
      what,
      method: "POST",
      path: `/containers/${id}/wait`,
      query: { condition: "removed" },
      deadline: CHANGE_DEADLINE,
    }));
  }
}
