import type { Engine } from "./engine.ts";

/** What an engine says of itself. */
export interface EngineInfo {
  /** The host name of its machine. */
  readonly Name: string;
  readonly SecurityOptions?: readonly string[] | null;
  /** Only Podman says it, which answers as an engine of Docker does. */
  readonly BuildahVersion?: string;
  /** That of control groups on its machine; older engines do not say it, and know the first alone. */
  readonly CgroupVersion?: "1" | "2";
  /** What its clock says, as RFC 3339 has it. */
  readonly SystemTime: string;
}

/** Asks an engine about itself. */
export async function engineInfo(engine: Engine, signal?: AbortSignal): Promise<EngineInfo> {
  return await engine.call<EngineInfo>({
    what: "ask the engine about itself",
    method: "GET",
    path: "/info",
    signal,
  });
}
