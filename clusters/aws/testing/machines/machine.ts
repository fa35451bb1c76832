/** What is booted. */
export interface MachinePlan {
  readonly instanceId: string;
  readonly addresses: Addresses;
  /** Ports that are open to the world. */
  readonly openPorts: readonly PortRange[];
  /** What the author of a launch wants to be run; nothing when the machine stays silent. */
  readonly userData: Uint8Array | undefined;
  /** What the metadata service tells, by path: `"placement/region"`. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** Where a machine is reached. */
export interface Addresses {
  /** By the others, at every port. */
  readonly private: string;
  /** By the runner, at the ports that are open; `undefined` when it has no such address. */
  readonly public: string | undefined;
}

/** From the first to the last, both included. */
export interface PortRange {
  readonly from: number;
  readonly to: number;
}

/** How a machine came to its end by itself: by switching itself off, or otherwise. */
export type MachineEnd = "off" | "crash";

/** A machine that was booted. */
export interface Machine {
  /** Does not resolve when the machine's end was asked for from outside. */
  readonly ended: Promise<MachineEnd>;
  /** What it has written on its console. */
  console(): Promise<string>;
  /** Lets everything on it end, and switches it off for good. */
  shutDown(): Promise<void>;
  /** Cuts its power for good. */
  kill(): Promise<void>;
  /**
   * Lets everything on it end, and boots it again with its files; may resolve before that. One that is
   * rebooting already is not rebooted twice.
   */
  reboot(): Promise<void>;
  /** Stops everything on it, without a trace. */
  freeze(): Promise<void>;
}

/** What makes machines. Disposing it ends all of them. */
export interface Machines extends AsyncDisposable {
  /** Where machines and the runner reach what this process serves. */
  readonly hostname: string;
  /** Addresses that no other machine has. */
  newAddresses(options: { hasPublic: boolean }): Addresses;
  /** Resolves once it runs. */
  boot(plan: MachinePlan): Promise<Machine>;
}
