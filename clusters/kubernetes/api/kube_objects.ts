/** Aborting ends a call at once; what it has asked for may be done all the same. */
export interface KubeCallOptions {
  readonly signal: AbortSignal;
}

/** Which objects of a kind. */
export interface Selection extends KubeCallOptions {
  /** As in `app=x,tier!=y`. @default all */
  readonly labelSelector?: string | undefined;
  /** As in `status.phase=Running`. @default all */
  readonly fieldSelector?: string | undefined;
}

/** How objects are deleted. */
export interface DeleteOptions {
  /** Seconds that a pod gets for its end. @default its own */
  readonly grace?: number | undefined;
  /** What becomes of the objects that it owns. @default "Background" */
  readonly propagation?: "Background" | "Foreground" | "Orphan" | undefined;
}

/** What is known of every object. */
export interface KubeObject {
  readonly metadata: {
    readonly name: string;
    readonly uid?: string | undefined;
    readonly resourceVersion?: string | undefined;
    readonly labels?: Readonly<Record<string, string>> | undefined;
  };
}

/** Objects, and the moment in which they were like that. */
export interface KubeList<T> {
  readonly items: readonly T[];
  readonly metadata: { readonly resourceVersion: string };
}

/** What an API server says of itself. */
export interface KubeVersion {
  readonly major: number;
  readonly minor: number;
}
