import { namedProcesses } from "../named_processes.ts";
import { lookAtProcesses } from "../process_table.ts";
import { findStrays, type StrayTraits } from "../stray_processes.ts";
import { hexAddress, type ListeningSocket } from "./listening_socket.ts";
import { withDescendants } from "./descendants.ts";
import { areSame, ListeningSockets } from "./listening_sockets.ts";
import { holderOf } from "./socket_holder.ts";

/** Sockets whose owners are remembered. */
const MOST_KNOWN = 1_000;

/** The variable that names the node of a process, behind the id of its cluster. */
const NODE_OF = /\0CLUSTERTEST_NODE=[^\0-]*-([^\0]*)\0/;

/** Whose services they are. */
export interface OwnServicesOptions {
  /** By which the host's processes are recognised. */
  readonly traits: StrayTraits;
  /** Numbers of some of them, which are looked at first: there may be thousands of others. */
  readonly started?: (() => Iterable<number>) | undefined;
}

/**
 * Tells what listens on this machine for one host from what others have there, where several share its
 * addresses: it belongs to a process with the host's traits, or is a listener that this process has
 * opened for the host. Linux only.
 */
export class OwnServices implements AsyncDisposable {
  readonly #traits: StrayTraits;
  readonly #started: () => Iterable<number>;
  readonly #listeners = new Set<Deno.NetAddr>();
  #sockets: ListeningSockets | undefined;
  #isDisposed = false;
  /** By inode: who else has it; `undefined` for the host's own. A socket does not change hands. */
  readonly #known = new Map<string, string | undefined>();

  constructor({ traits, started = () => [] }: OwnServicesOptions) {
    this.#traits = traits;
    this.#started = started;
  }

  /** Opens what the first look needs, rather than with it. */
  prepare(): void {
    this.#sockets ??= new ListeningSockets();
  }

  /** Whether anything listens there. */
  isTaken(hostname: string, port: number): boolean {
    return this.#at(hostname, port).length > 0;
  }

  /** Counts what listens at `address` as the host's own, until the result is disposed of. */
  add(address: Deno.NetAddr): Disposable {
    this.#listeners.add(address);
    return { [Symbol.dispose]: () => void this.#listeners.delete(address) };
  }

  /**
   * Connects to what listens at an address of this machine. Rejects with `ConnectionRefused` if it is
   * not the host's own, and does not reach it then; also if it has changed meanwhile.
   */
  async connect(
    { hostname, port }: { readonly hostname: string; readonly port: number },
    connect: () => Promise<Deno.Conn>,
  ): Promise<Deno.Conn> {
    const before = this.#at(hostname, port);
    for (const socket of before) await this.#check(socket);
    using stack = new DisposableStack();
    const connection = stack.use(await connect());
    if (!this.#isDisposed && areSame(before, this.#at(hostname, port))) {
      stack.move();
      return connection;
    }
    throw new Deno.errors.ConnectionRefused("what listens there has changed meanwhile");
  }

  // deno-lint-ignore require-await -- the contract is that of resources that take time to close
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isDisposed = true;
    this.#sockets?.[Symbol.dispose]();
    this.#sockets = undefined;
  }

  #at(hostname: string, port: number): ListeningSocket[] {
    if (this.#isDisposed) throw new Deno.errors.BadResource("Cannot use the host: it was disposed");
    return (this.#sockets ??= new ListeningSockets()).at(hostname, port);
  }

  async #check(socket: ListeningSocket): Promise<void> {
    if (this.#isListener(socket)) return;
    const { inode } = socket;
    if (!this.#known.has(inode)) {
      if (this.#known.size >= MOST_KNOWN) this.#known.clear();
      this.#known.set(inode, await this.#otherHolder(socket));
    }
    const other = this.#known.get(inode);
    if (other === undefined) return;
    throw new Deno.errors.ConnectionRefused(
      `what listens there is not the node's own, but ${other}`,
    );
  }

  /** Two sockets do not listen at the same address and port. */
  #isListener({ address, port }: ListeningSocket): boolean {
    return [...this.#listeners].some((own) =>
      own.port === port && hexAddress(own.hostname) === address
    );
  }

  /** Who has a socket that is not the host's own. */
  async #otherHolder({ inode, uid }: ListeningSocket): Promise<string | undefined> {
    const likely = withDescendants(this.#started());
    if (holderOf(inode, likely) !== undefined) return undefined;
    if (holderOf(inode, await findStrays(this.#traits)) !== undefined) return undefined;
    if (holderOf(inode, [Deno.pid]) !== undefined) {
      return `that of process ${namedProcesses([Deno.pid])}, which runs the test or an agent`;
    }
    const seen = await lookAtProcesses();
    const node = (environment: string) => NODE_OF.exec(environment)?.[1];
    const ofNodes = seen.filter(({ environment }) => node(environment) !== undefined);
    const others = [...ofNodes, ...seen.filter((each) => !ofNodes.includes(each))];
    const pid = holderOf(inode, others.map(({ pid }) => pid));
    if (pid === undefined) return `that of a process of user ${uid}`;
    const name = node(others.find((each) => each.pid === pid)!.environment);
    const whose = name === undefined ? "" : `, of node "${name}"`;
    return `that of process ${namedProcesses([pid])}${whose}`;
  }
}
