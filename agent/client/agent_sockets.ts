import { join } from "node:path";
import { removeTree } from "../host/remove_tree.ts";
import { SocketName } from "../wire/protocol.ts";
import { unlessAborted } from "../unless_aborted.ts";
import type { Transport } from "../wire/transport.ts";
import type { FleetAgent } from "./fleet_agent.ts";
import type { KeptLease } from "./heartbeats.ts";
import { SessionCalls } from "./session_calls.ts";
import { SocketDoor } from "./socket_door.ts";
import type { LeaseSocket } from "./socket_lease_route.ts";

/**
 * Bytes of the longest path of a socket: systems have 104 or 108 for it, and a container may see it at
 * another place.
 */
const LONGEST_PATH = 100;

/** Every user may enter the folder: which of them can see it is a matter of its parents, or of a mount. */
const SEARCHABLE = 0o755;

/** What sockets are made with. */
export interface AgentSocketsOptions {
  /** The folder that they are in: it is made, and removed at the end. */
  readonly dir: string;
  /** The launch token of the agent that is to call. */
  readonly token: string;
  /** Keeps the lease of the agent that calls at a socket of the other thread's. */
  readonly keepLease: (socket: LeaseSocket) => KeptLease;
  /** Opens a session with the agent that `dial` leads to, once it has called. */
  readonly openAgent: (
    access: {
      readonly dial: (signal: AbortSignal) => Promise<Transport>;
      readonly sockets: AsyncDisposable;
    },
    signal: AbortSignal,
  ) => Promise<FleetAgent>;
  /** Called when the agent has made a connection anew. */
  readonly onReplacement: () => void;
  /** Gives up. */
  readonly signal: AbortSignal;
}

/** Where one agent of this machine calls. Disposing removes it. */
export interface AgentSockets extends AsyncDisposable {
  /** The folder with the sockets. The agent may see it at another place. */
  readonly dir: string;
  /**
   * Waits until the agent has called, and opens a session. The result owns the sockets from then on.
   * When it rejects, they still are the caller's to dispose of.
   */
  connect(options: { readonly signal: AbortSignal }): Promise<FleetAgent>;
}

/**
 * A socket for the session, which is this thread's, and one for heartbeats, which is that of the thread
 * that sends them. Only the agent gets anything there.
 */
export class OpenSockets implements AgentSockets {
  readonly dir: string;
  readonly #stack: AsyncDisposableStack;
  readonly #calls: SessionCalls;
  readonly #openAgent: AgentSocketsOptions["openAgent"];

  private constructor(
    { dir, openAgent }: AgentSocketsOptions,
    { calls, stack }: { calls: SessionCalls; stack: AsyncDisposableStack },
  ) {
    this.dir = dir;
    this.#openAgent = openAgent;
    this.#calls = calls;
    this.#stack = stack;
  }

  /** Begins to listen; rejects, and leaves nothing, when that is not possible. */
  static async open(options: AgentSocketsOptions): Promise<OpenSockets> {
    const { dir, token, keepLease, onReplacement, signal } = options;
    signal.throwIfAborted();
    checkLength(dir);
    await using stack = new AsyncDisposableStack();
    await Deno.mkdir(dir, { mode: SEARCHABLE });
    stack.defer(() => removeTree(dir, { force: true }));
    // Whatever the umask is.
    await Deno.chmod(dir, SEARCHABLE);
    const calls = stack.use(new SessionCalls(onReplacement));
    stack.use(SocketDoor.open({
      path: join(dir, SocketName.session),
      token,
      purposes: ["session"],
      onProven: (transport) => calls.take(transport),
    }));
    const lease = stack.use(keepLease({ path: join(dir, SocketName.lease), token }));
    await unlessAborted(lease.ready, signal);
    return new OpenSockets(options, { calls, stack: stack.move() });
  }

  async connect({ signal }: { readonly signal: AbortSignal }): Promise<FleetAgent> {
    await this.#calls.arrival(signal);
    const dial = (signal: AbortSignal) => this.#calls.next(signal);
    return await this.#openAgent({ dial, sockets: this }, signal);
  }

  /** Closes the sockets, sends no heartbeats any more, and removes the folder. Idempotent. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }
}

function checkLength(dir: string): void {
  const longest = join(dir, SocketName.session);
  if (new TextEncoder().encode(longest).length < LONGEST_PATH) return;
  throw new RangeError(
    `Cannot open the socket "${longest}": its path has ${LONGEST_PATH} bytes or more`,
  );
}
