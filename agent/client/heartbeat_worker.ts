/**
 * The thread that keeps the leases of a cluster's nodes: neither busy test code nor a breakpoint
 * keeps it from that. Each node has a connection of its own, apart from bulk data.
 *
 * @module
 */
import { Deadline } from "../deadline.ts";
import { number, record } from "../wire/shape.ts";
import type { WebSocket } from "../wire/web_socket.ts";
import { openSocket } from "./agent_socket.ts";
import { type KnownAgent, pinnedTls } from "./agent_tls.ts";
import type { HeartbeatCommand, HeartbeatReport } from "./heartbeat_messages.ts";

/** Groups into which the nodes of a cluster fall, so that they are not all served at once. */
const GROUPS = 10;

/** Milliseconds by which a clock has to move for that to be worth saying. */
const WORTH_SAYING = 5;

/** Milliseconds that a connection may take to open. */
const CONNECT_TIMEOUT = 10_000;

/** Heartbeats without an answer after which a connection has stalled, and another one is tried. */
const MAX_UNANSWERED = 2;

const replyShape = record({ time: number() });

/** Who sends the heartbeats. */
interface Sender {
  readonly certificate: string;
  readonly privateKey: string;
}

/** The lease of one node. */
class LeaseKeeper {
  readonly #node: string;
  readonly #agent: KnownAgent;
  readonly #sender: Sender;
  #socket: WebSocket | undefined;
  #connecting = false;
  #ended = false;
  #sent = 0;
  #unanswered = 0;
  #offset: number | undefined;

  constructor(node: string, agent: KnownAgent, sender: Sender) {
    this.#node = node;
    this.#agent = agent;
    this.#sender = sender;
  }

  /** Sends a heartbeat, over a new connection if there is none. */
  beat(): void {
    if (this.#unanswered >= MAX_UNANSWERED) this.#drop();
    if (!this.#socket) return void this.#connect();
    this.#sent = performance.now();
    this.#unanswered += 1;
    this.#socket.send("beat");
  }

  end(): void {
    this.#ended = true;
    this.#drop();
  }

  #drop(): void {
    this.#socket?.terminate();
    this.#socket = undefined;
  }

  async #connect(): Promise<void> {
    if (this.#connecting) return;
    this.#connecting = true;
    try {
      using deadline = new Deadline(CONNECT_TIMEOUT);
      const tls = pinnedTls(this.#sender, this.#agent);
      this.#use(await openSocket(this.#agent, "/v1/lease", { tls, signal: deadline.signal }));
    } catch {
      // The next beat tries again; whether the node is lost is found out by its session.
    } finally {
      this.#connecting = false;
    }
  }

  #use(socket: WebSocket): void {
    if (this.#ended) return socket.terminate();
    this.#socket = socket;
    this.#unanswered = 0;
    socket.on("close", () => {
      if (this.#socket === socket) this.#drop();
    });
    socket.on("message", (data) => {
      try {
        this.#read(String(data));
      } catch {
        // Whatever a node sends, the leases of the others are kept.
        socket.terminate();
      }
    });
    this.beat();
  }

  /** The reply was on its way for half of the time since the heartbeat was sent. */
  #read(reply: string): void {
    const now = performance.now();
    const { time } = replyShape(JSON.parse(reply), "the reply");
    const isToTheLatest = this.#unanswered === 1;
    this.#unanswered = 0;
    if (!isToTheLatest) return;
    const offset = time - (Date.now() - (now - this.#sent) / 2);
    if (this.#offset !== undefined && Math.abs(offset - this.#offset) < WORTH_SAYING) return;
    this.#offset = offset;
    report({ type: "clock", node: this.#node, offset });
  }
}

let sender: Sender | undefined;
let timer: ReturnType<typeof setInterval> | undefined;
const groups: Map<string, LeaseKeeper>[] = Array.from({ length: GROUPS }, () => new Map());

function begin({ interval, ...given }: Extract<HeartbeatCommand, { type: "begin" }>): void {
  sender = given;
  let turn = 0;
  timer = setInterval(() => {
    for (const keeper of groups[turn++ % GROUPS]!.values()) keeper.beat();
  }, interval / GROUPS);
}

function add({ node, agent }: Extract<HeartbeatCommand, { type: "add" }>): void {
  if (!sender) throw new Error("Cannot send heartbeats: it was not said who sends them");
  const keeper = new LeaseKeeper(node, agent, sender);
  const smallest = groups.reduce((one, other) => other.size < one.size ? other : one);
  smallest.set(node, keeper);
  keeper.beat();
}

function remove(node: string): void {
  for (const group of groups) {
    group.get(node)?.end();
    group.delete(node);
  }
}

function report(what: HeartbeatReport): void {
  postMessage(what);
}

// One connection's failure, uncaught in the network stack beneath, would end this thread, and with it
// every lease and the test. The next beat opens another connection.
self.addEventListener("error", (event) => {
  event.preventDefault();
  report({ type: "failure", message: event.message });
});
self.addEventListener("unhandledrejection", (event) => {
  event.preventDefault();
  report({ type: "failure", message: String(event.reason) });
});

self.onmessage = ({ data }: MessageEvent<HeartbeatCommand>) => {
  switch (data.type) {
    case "begin":
      clearInterval(timer);
      return begin(data);
    case "add":
      return add(data);
    case "remove":
      return remove(data.node);
    default:
      throw new TypeError(`Unknown command ${data satisfies never}`);
  }
};
