import pLimit from "p-limit";
import type { ModuleRoute, TunnelConnection } from "../../../agent/client/fleet.ts";
import { type ApiCall, ApiError, hasStatus } from "./api_error.ts";
import { callServer, type Patience } from "./call_server.ts";
import { CredentialSource } from "./credentials.ts";
import { Exchange, type ExchangeRequest } from "./exchange.ts";
import { execInPod, type ExecOptions, type ExecResult } from "./exec_in_pod.ts";
import { findCluster, type FoundCluster } from "./find_cluster.ts";
import { type Kind, pathOf, type Verb } from "./kinds.ts";
import type { KubeAccess } from "./kube_access.ts";
import type {
  DeleteOptions,
  KubeCallOptions,
  KubeList,
  KubeObject,
  KubeVersion,
  Selection,
} from "./kube_objects.ts";
import { openForward } from "./open_forward.ts";
import { deletion, query } from "./request_parts.ts";
import { unreachableServer } from "./unreachable_server.ts";
import { type WatchEvent, watchObjects } from "./watch_objects.ts";

/** Calls that are under way at a time; the others wait their turn. */
const MAX_CALLS = 32;

/** For the first call: whether there is an API server is to be known soon. */
const FIRST_PATIENCE: Patience = { attempt: 10_000, unreached: 2_000, call: 20_000 };

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
      throw error instanceof ApiError ? unreachableServer(api, error) : error;
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

function hasLabels(
  { metadata }: KubeObject,
  labels: Readonly<Record<string, string>> | undefined,
): boolean {
  return Object.entries(labels ?? {}).every(([name, value]) => metadata.labels?.[name] === value);
}
