/**
 * What has to be renewed from time to time while a cluster lives, besides the leases of its agents: by a
 * module, which the thread loads that keeps those.
 */
export interface ModuleRenewal {
  /** URL of the module, which is a {@linkcode RenewalModule}. */
  readonly module: string;
  /** What it renews. JSON, without secrets. */
  readonly target: unknown;
  /** Milliseconds between two renewals; the first one comes after that time. */
  readonly interval: number;
}

/** What such a module exports. */
export interface RenewalModule {
  /** Makes ready to renew. */
  openRenewal(target: unknown): Promise<Renewal>;
}

/** What is renewed. Disposing it closes its connections. */
export interface Renewal extends Disposable {
  /** Renews it once; rejects when `signal` aborts. */
  renew(signal: AbortSignal): Promise<void>;
}
