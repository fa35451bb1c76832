import type { Readable } from "node:stream";

/** Credentials for one registry, as engines take them. */
export type RegistryAuth = Readonly<Record<string, string>>;

/** Credentials for several, by the engine's names for them. */
export type RegistryAuths = Readonly<Record<string, RegistryAuth>>;

/** A call of the engine's interface. */
export interface EngineCall {
  /** Completes "Cannot …" in the error. */
  readonly what: string;
  readonly method: "GET" | "HEAD" | "POST" | "PUT" | "DELETE";
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>> | undefined;
  /** Sent as JSON. */
  readonly body?: object | undefined;
  /** Sent as it is: a tar archive. */
  readonly archive?: Readable | undefined;
  /** Value of the header `X-Registry-Auth`. */
  readonly registryAuth?: string | undefined;
  /** Content of the header `X-Registry-Config`. */
  readonly registryConfig?: RegistryAuths | undefined;
  /** Milliseconds until the answer has to be there. @default 30000 */
  readonly deadline?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}
