import { SharedWork } from "../../concurrency/mod.ts";
import type { Engine } from "./engine.ts";
import { type EngineInfo, engineInfo } from "./engine_info.ts";

/** What does not change while an engine runs. */
export type EngineTraits = Pick<EngineInfo, "Name" | "SecurityOptions" | "BuildahVersion">;

/** Those of engines, by their addresses. */
const traits = new SharedWork();

/** Asks an engine once, for as long as this process runs: it takes longer to answer than most calls. */
export function engineTraits(engine: Engine, signal: AbortSignal): Promise<EngineTraits> {
  return traits.once(engine.address, () => engineInfo(engine), signal);
}
