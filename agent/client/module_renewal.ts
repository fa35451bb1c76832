/**
 * Something of a cluster that ends unless it is renewed again and again, as the leases of agents do. The
 * thread that keeps the leases loads a module, which renews it.
 */
export interface ModuleRenewal {
  /** What is renewed, as messages name it: "the owner of the pods". */
  readonly what: string;
  /** URL of the module, which is a {@linkcode RenewalModule}. */
  readonly module: string;
  /** What it renews. JSON, without secrets. */
  readonly target: unknown;
  /** Milliseconds between two renewals; the first one comes after that time. */
  readonly interval: number;
}

/** What the module of a renewal exports. */
export interface RenewalModule {
  /** Opens the connections that a renewal takes. */
  openRenewal(target: unknown): Promise<Renewal>;
}

/** Renews one thing. Disposing it closes its connections. */
export interface Renewal extends Disposable {
  /** Renews the thing once; rejects when `signal` aborts. */
  renew(signal: AbortSignal): Promise<void>;
}
