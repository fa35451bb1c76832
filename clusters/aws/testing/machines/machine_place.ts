import type { Engine } from "../../../docker/engine/engine.ts";
import type { MachineNetwork } from "./machine_network.ts";
import type { RootFiles } from "./root_archive.ts";

/** Where a machine is made. */
export interface MachinePlace {
  readonly engine: Engine;
  readonly network: MachineNetwork;
  readonly image: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly files: RootFiles;
}
