import { connectTcp } from "../connect_tcp.ts";
import { abortable } from "./abortable.ts";
import { describedError, messageOf } from "./described_error.ts";
import type {
  CallOptions,
  DialTarget,
  HostConnection,
  HostListener,
  HostNetwork,
  ListenOptions,
  ListenTarget,
} from "./host.ts";
import type { HostPaths } from "./host_paths.ts";
import { LocalConnection } from "./local_connection.ts";
import { LocalListener } from "./local_listener.ts";
import type { OwnServices } from "./sockets/own_services.ts";
import type { OpenResources } from "./open_resources.ts";

/** Where a host is, as seen from itself. */
export interface NetworkContext {
  readonly paths: HostPaths;
  /** Tried in order when something on the host itself is dialled. */
  readonly loopback: readonly string[];
  /** Where a listener that names no address listens. */
  readonly listenHostname: string;
  /** Tells the host's own from what others have on those addresses. @default all is its own */
  readonly services?: OwnServices | undefined;
}

/** The network as this machine sees it. */
export class LocalNetwork implements HostNetwork {
  readonly #context: NetworkContext;
  readonly #resources: OpenResources;

  constructor(context: NetworkContext, resources: OpenResources) {
    this.#context = context;
    this.#resources = resources;
    if (context.services) resources.add(context.services);
  }

  /** Opens what the first connection to the host itself needs, rather than with it. */
  prepare(): void {
    this.#context.services?.prepare();
  }

  async dial(target: DialTarget, { signal }: CallOptions = {}): Promise<HostConnection> {
    const errors: unknown[] = [];
    for (const connect of this.#attempts(target)) {
      try {
        return await this.#dial(connect, signal);
      } catch (error) {
        if (signal?.aborted || !isRefusal(error)) throw error;
        errors.push(error);
      }
    }
    if (errors.length === 1) throw errors[0];
    throw describedError(errors[0], errors.map(messageOf).join("; "));
  }

  listen(target: ListenTarget, { signal, onTrouble }: ListenOptions = {}): Promise<HostListener> {
    const open = async () => {
      const opened = await this.#open(target);
      const { services } = this.#context;
      const own = "hostname" in opened.addr ? services?.add(opened.addr) : undefined;
      const listener: LocalListener = new LocalListener(opened, {
        onTrouble,
        adopt: (conn) => this.#adopt(conn),
        onClosed: () => {
          own?.[Symbol.dispose]();
          this.#resources.delete(listener);
        },
      });
      this.#resources.add(listener);
      return listener;
    };
    return abortable(
      signal,
      () => this.#resources.during(open),
      (late) => late[Symbol.asyncDispose](),
    );
  }

  hostname({ signal }: CallOptions = {}): Promise<string> {
    // deno-lint-ignore require-await -- what fails is to reject
    return abortable(signal, async () => Deno.hostname());
  }

  /** What to try, in order. */
  #attempts(target: DialTarget): ConnectAttempt[] {
    if (target.transport === "unix") {
      const path = this.#context.paths.resolve(target.path);
      return [{ label: path, connect: () => Deno.connect({ transport: "unix", path }) }];
    }
    const { hostname, port } = target;
    if (hostname === undefined) return this.#ownAttempts(port);
    return [{
      label: `${hostname}:${port}`,
      connect: (signal) => connectTcp({ ...target, signal }),
    }];
  }

  /** Of addresses that are not the host's alone, only those where something listens. */
  #ownAttempts(port: number): ConnectAttempt[] {
    const { loopback, services } = this.#context;
    return loopback
      .filter((hostname, i) => i === 0 || !services || services.isTaken(hostname, port))
      .map((hostname) => ({
        label: `${hostname}:${port}`,
        connect: (signal) => {
          const dial = () => connectTcp({ hostname, port, signal });
          return services ? services.connect({ hostname, port }, dial) : dial();
        },
      }));
  }

  #dial(
    { label, connect }: ConnectAttempt,
    signal: AbortSignal | undefined,
  ): Promise<HostConnection> {
    const dial = async () => {
      try {
        return this.#adopt(await connect(signal));
      } catch (error) {
        if (signal?.aborted) throw error;
        throw describedError(error, `Cannot connect to ${label}: ${messageOf(error)}`);
      }
    };
    return abortable(
      signal,
      () => this.#resources.during(dial),
      (late) => late[Symbol.asyncDispose](),
    );
  }

  async #open(target: ListenTarget): Promise<Deno.Listener> {
    const label = listenLabel(target);
    try {
      if (target.transport === "unix") {
        return Deno.listen({ ...target, path: await this.#context.paths.entry(target.path) });
      }
      return Deno.listen({ hostname: this.#listenHostname(target), port: target.port });
    } catch (error) {
      throw describedError(error, `Cannot listen on ${label}: ${messageOf(error)}`);
    }
  }

  #listenHostname(target: ListenTarget & { readonly transport: "tcp" }): string {
    const { loopback: [own], listenHostname } = this.#context;
    if ("reach" in target && own !== undefined) return own;
    return target.hostname ?? listenHostname;
  }

  #adopt(conn: Deno.Conn): LocalConnection {
    const socket = conn as Deno.TcpConn | Deno.UnixConn;
    if ("setNoDelay" in socket) socket.setNoDelay(true);
    const connection: LocalConnection = new LocalConnection(
      socket,
      () => this.#resources.delete(connection),
    );
    this.#resources.add(connection);
    return connection;
  }
}

function listenLabel(target: ListenTarget): string {
  if (target.transport === "unix") return target.path;
  const hasName = "hostname" in target && target.hostname !== undefined;
  return hasName ? `${target.hostname}:${target.port}` : `port ${target.port}`;
}

/** One address to connect to. */
interface ConnectAttempt {
  readonly label: string;
  readonly connect: (signal?: AbortSignal) => Promise<Deno.Conn>;
}

/** Whether another address of the same host may do better. */
function isRefusal(error: unknown): boolean {
  return error instanceof Deno.errors.ConnectionRefused ||
    error instanceof Deno.errors.AddrNotAvailable;
}
