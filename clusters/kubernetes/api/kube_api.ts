import pLimit from "p-limit";
import type { ModuleRoute } from "../../../agent/client/fleet.ts";
import { type ApiCall, ApiError, hasStatus } from "./api_error.ts";
import { callServer, type Patience } from "./call_server.ts";
import { isRefusedCertificate } from "./connect.ts";
import { CredentialSource } from "./credentials.ts";
import { Exchange, type ExchangeRequest } from "./exchange.ts";
import { execInPod, type ExecOptions, type ExecResult } from "./exec_in_pod.ts";
import { findCluster, type FoundCluster } from "./find_cluster.ts";
import { type Kind, pathOf, type Verb } from "./kinds.ts";
import type { KubeAccess } from "./kube_access.ts";
import { openForward } from "./open_forward.ts";
import { unusable } from "./unusable.ts";
import { type WatchEvent, watchObjects } from "./watch_objects.ts";
import type { TunnelConnection } from "../../../agent/client/fleet.ts";

/** Calls that are under way at a time; the others wait their turn. */
const MAX_CALLS = 32;

/** For the first call: whether there is an API server is to be known soon. */
const FIRST_PATIENCE: Patience = { attempt: 10_000, unreached: 2_000, call: 20_000 };

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

/**
 * An API server, and a namespace of its cluster. Every call has a deadline, of which the error says what
 * was not done; is made again while the server is away, too busy or silent; and waits its turn where many
 * are made at once. Disposing it ends its connections.
 */
export class KubeApi implements Disposable {
  /** By which another thread or process opens the same one. */
  readonly access: KubeAccess;
  /** URL of the API server. */
  readonly server: string;
  /** Where everything happens. */
  readonly namespace: string;
  readonly #found: FoundCluster;
  readonly #source: CredentialSource;
  readonly #exchange: Exchange;
  readonly #limit = pLimit(MAX_CALLS);

  private constructor(found: FoundCluster) {
    this.access = found.access;
    this.server = found.server.href.replace(/\/$/, "");
    this.namespace = found.namespace;
    this.#found = found;
    this.#source = new CredentialSource(found);
    this.#exchange = new Exchange(found, this.#source);
  }

  /**
   * Finds a cluster as `kubectl` does, without asking it anything.
   *
   * @throws {BackendUnusableError} if there is none.
   */
  static async find(access: KubeAccess): Promise<KubeApi> {
    return new KubeApi(await findCluster(access));
  }

  /**
   * Finds a cluster, and sees whether its API server answers.
   *
   * @throws {BackendUnusableError} with a remedy, if it cannot be used.
   */
  static async open(access: KubeAccess, { signal }: KubeCallOptions): Promise<KubeApi> {
    const api = await KubeApi.find(access);
    try {
      await api.version({ signal });
      return api;
    } catch (error) {
      api[Symbol.dispose]();
      throw error instanceof ApiError ? unreachable(api, error) : error;
    }
  }

  /** What the server says of its version; every user may ask for that. */
  async version({ signal }: KubeCallOptions): Promise<KubeVersion> {
    const call: ApiCall = { verb: "get", kind: "nodes", namespace: "", name: "version" };
    const request = { method: "GET", path: "/version" };
    const text = await callServer(this.#exchange, call, {
      request,
      signal,
      patience: FIRST_PATIENCE,
    });
    const { major, minor } = JSON.parse(text) as { major: string; minor: string };
    // Some providers write "27+".
    return { major: parseInt(major), minor: parseInt(minor) };
  }

  /** Creates an object. One that was created although no answer came is found, and returned. */
  async create<T extends KubeObject>(
    kind: Kind,
    manifest: unknown,
    { signal }: KubeCallOptions,
  ): Promise<T> {
    const { metadata } = manifest as KubeObject;
    const call = this.#call("create", kind);
    let mayBeThere = false;
    try {
      const text = await this.#ask({ ...call, name: metadata.name }, {
        request: { method: "POST", path: pathOf(call), body: JSON.stringify(manifest) },
        signal,
        onLost: () => mayBeThere = true,
      });
      return JSON.parse(text);
    } catch (error) {
      const own = mayBeThere && hasStatus(error, 409)
        ? await this.get<T>(kind, metadata.name, { signal })
        : undefined;
      if (own && hasLabels(own, metadata.labels)) return own;
      throw error;
    }
  }

  /** Resolves to an object, or to `undefined` if it is not there. */
  async get<T>(kind: Kind, name: string, { signal }: KubeCallOptions): Promise<T | undefined> {
    const call = this.#call("get", kind, name);
    try {
      const request = { method: "GET", path: pathOf(call) };
      return JSON.parse(await this.#ask(call, { request, signal }));
    } catch (error) {
      if (hasStatus(error, 404)) return undefined;
      throw error;
    }
  }

  /** The objects of a kind. */
  async list<T>(kind: Kind, { signal, ...selection }: Selection): Promise<KubeList<T>> {
    const call = this.#call("list", kind);
    const request = { method: "GET", path: pathOf(call) + query({ ...selection }) };
    return JSON.parse(await this.#ask(call, { request, signal }));
  }

  /** Changes what `patch` names, and nothing else; `null` removes. Rejects if it is not there. */
  async patch<T>(
    kind: Kind,
    { name, subresource, patch, signal }: KubeCallOptions & {
      readonly name: string;
      /** A part that is changed by itself. @default the object */
      readonly subresource?: "status" | undefined;
      readonly patch: unknown;
    },
  ): Promise<T> {
    const call = { ...this.#call("patch", kind, name), subresource };
    const request = {
      method: "PATCH",
      path: pathOf(call),
      body: JSON.stringify(patch),
      contentType: "application/merge-patch+json",
    };
    return JSON.parse(await this.#ask(call, { request, signal }));
  }

  /** Deletes an object, which may be gone later only; that it is not there is no error. */
  async delete(
    kind: Kind,
    name: string,
    { signal, ...options }: KubeCallOptions & DeleteOptions,
  ): Promise<void> {
    const call = this.#call("delete", kind, name);
    const request = { method: "DELETE", path: pathOf(call), body: deletion(options) };
    await this.#ask(call, { request, signal }).catch((error) => {
      if (!hasStatus(error, 404)) throw error;
    });
  }

  /** Deletes all objects of a kind that a selector names: it is required, so that none is meant. */
  async deleteCollection(
    kind: Kind,
    { labelSelector, signal, ...options }:
      & KubeCallOptions
      & DeleteOptions
      & { readonly labelSelector: string },
  ): Promise<void> {
    if (labelSelector.trim() === "") {
      throw new TypeError(`Cannot delete ${kind}: the selector is empty, which would mean all`);
    }
    const call = this.#call("deletecollection", kind);
    const path = pathOf(call) + query({ labelSelector });
    await this.#ask(call, {
      request: { method: "DELETE", path, body: deletion(options) },
      signal,
    });
  }

  /**
   * What becomes of objects: those that there are, as `ADDED`, and then every change. Where the server
   * was away or has forgotten what happened meanwhile, they are listed anew, and what is gone by then is
   * `DELETED`. It goes on until `signal` aborts, and rejects with its reason, or if the server refuses it.
   */
  watch<T extends KubeObject>(kind: Kind, selection: Selection): AsyncIterable<WatchEvent<T>> {
    const { signal, ...selected } = selection;
    const call = this.#call("watch", kind);
    return watchObjects<T>({
      call,
      signal,
      list: () => this.list<T>(kind, selection),
      stream: (resourceVersion, seconds, until) =>
        this.#exchange.send({
          method: "GET",
          path: pathOf(call) + query({
            ...selected,
            watch: "true",
            allowWatchBookmarks: "true",
            resourceVersion,
            timeoutSeconds: String(seconds),
          }),
          signal: until,
        }),
    });
  }

  /** The last lines that a container of a pod has written. */
  async logs(
    pod: string,
    { container, tail = 20, signal }:
      & KubeCallOptions
      & { readonly container: string; readonly tail?: number | undefined },
  ): Promise<string> {
    const call = { ...this.#call("get", "pods", pod), subresource: "log" };
    const path = pathOf(call) + query({ container, tailLines: String(tail) });
    return await this.#ask(call, { request: { method: "GET", path }, signal });
  }

  /** Runs a command in a container, and waits for its end. */
  async exec(options: ExecOptions): Promise<ExecResult> {
    const call = { ...this.#call("create", "pods", options.pod), subresource: "exec" };
    return await execInPod(this.#access(), call, options);
  }

  /** Opens a connection to a port of a pod's loopback. */
  async dial(
    { pod, port, signal }: KubeCallOptions & { readonly pod: string; readonly port: number },
  ): Promise<TunnelConnection> {
    const call = { ...this.#call("create", "pods", pod), subresource: "portforward" };
    return await openForward(this.#access(), call, { port, signal });
  }

  /** The way to an agent that listens at a port of a pod's loopback, for all threads. */
  forward(target: { readonly pod: string; readonly port: number }): ModuleRoute {
    return { module: import.meta.resolve("./forward_route.ts"), access: this.access, target };
  }

  /** Ends its connections. */
  [Symbol.dispose](): void {
    this.#exchange[Symbol.dispose]();
  }

  #access() {
    return { found: this.#found, source: this.#source };
  }

  #call(verb: Verb, kind: Kind, name?: string): ApiCall {
    return { verb, kind, namespace: this.namespace, name };
  }

  #ask(
    call: ApiCall,
    options: KubeCallOptions & {
      readonly request: Omit<ExchangeRequest, "signal">;
      readonly onLost?: (() => void) | undefined;
    },
  ): Promise<string> {
    return this.#limit(() => callServer(this.#exchange, call, options));
  }
}

function query(parameters: Readonly<Record<string, string | undefined>>): string {
  const given = Object.entries(parameters).filter((each): each is [string, string] =>
    each[1] !== undefined
  );
  return given.length === 0 ? "" : `?${new URLSearchParams(given)}`;
}

function deletion({ grace, propagation = "Background" }: DeleteOptions): string {
  return JSON.stringify({
    apiVersion: "v1",
    kind: "DeleteOptions",
    propagationPolicy: propagation,
    ...grace !== undefined && { gracePeriodSeconds: grace },
  });
}

function hasLabels(
  { metadata }: KubeObject,
  labels: Readonly<Record<string, string>> | undefined,
): boolean {
  return Object.entries(labels ?? {}).every(([name, value]) => metadata.labels?.[name] === value);
}

function unreachable({ server }: KubeApi, error: ApiError): Error {
  const { said, status, cause } = error;
  if (status === 401) {
    return unusable(`the API server at ${server} does not know who this is`, {
      remedy: "Log in again, or mend the credentials of the kubeconfig",
      cause: error,
    });
  }
  if (isRefusedCertificate(cause)) {
    return unusable(`the certificate of the API server at ${server} is refused: ${said}`, {
      remedy: "Mend `certificate-authority`, `tls-server-name` or the certificate of the user " +
        "in the kubeconfig",
      cause: error,
    });
  }
  return unusable(`there is no API server at ${server}: ${said}`, {
    remedy: "See whether the cluster runs, and whether `kubectl version` reaches it",
    cause: error,
  });
}
