import { join } from "node:path";
import { SocketName } from "../wire/protocol.ts";

/** A connection that goes through a relay. */
interface Passage {
  readonly socket: SocketName;
  readonly ends: readonly [Deno.Conn, Deno.Conn];
}

/** What a caller has sent through a relay. */
export interface RecordedCall {
  readonly socket: SocketName;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** A folder with sockets that lead to those of another, and hear everything. */
export class SocketRelay implements AsyncDisposable {
  /** The folder. */
  readonly dir: string;
  /** The first bytes of each call, in the order of the calls. */
  readonly calls: RecordedCall[] = [];
  readonly #listeners: Deno.UnixListener[] = [];
  readonly #passages = new Set<Passage>();
  #working: Promise<unknown>[] = [];

  private constructor(dir: string) {
    this.dir = dir;
  }

  /** Makes the folder `dir`. */
  static async open(dir: string, target: string): Promise<SocketRelay> {
    await Deno.mkdir(dir);
    const relay = new SocketRelay(dir);
    for (const socket of Object.values(SocketName)) {
      const listener = Deno.listen({ transport: "unix", path: join(dir, socket) });
      relay.#listeners.push(listener);
      relay.#working.push(relay.#passAll(listener, { socket, path: join(target, socket) }));
    }
    return relay;
  }

  /** Ends all connections that there are now to a socket. */
  cut(socket: SocketName): void {
    for (const passage of this.#passages) {
      if (passage.socket === socket) close(passage);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const listener of this.#listeners) listener.close();
    for (const passage of this.#passages) close(passage);
    await Promise.all(this.#working);
  }

  async #passAll(
    listener: Deno.UnixListener,
    { socket, path }: { socket: SocketName; path: string },
  ): Promise<void> {
    for await (const near of listener) {
      const far = await Deno.connect({ transport: "unix", path }).catch(() => near.close());
      if (!far) continue;
      const passage: Passage = { socket, ends: [near, far] };
      this.#passages.add(passage);
      const index = this.calls.push({ socket, bytes: new Uint8Array() }) - 1;
      const record = (bytes: Uint8Array<ArrayBuffer>) => {
        this.calls[index] = {
          socket,
          bytes: Uint8Array.from([...this.calls[index]!.bytes, ...bytes]),
        };
      };
      const passed = Promise.all([pass(near, far, record), pass(far, near, () => {})]);
      this.#working.push(passed.then(() => void this.#passages.delete(passage)));
    }
  }
}

/** Bytes of a call that are recorded. */
const RECORDED = 1024;

async function pass(
  from: Deno.Conn,
  to: Deno.Conn,
  record: (bytes: Uint8Array<ArrayBuffer>) => void,
): Promise<void> {
  const buffer = new Uint8Array(64 * 1024);
  let passed = 0;
  try {
    for (let count; (count = await from.read(buffer)) !== null; passed += count) {
      if (passed < RECORDED) record(buffer.slice(0, count));
      for (let done = 0; done < count;) done += await to.write(buffer.subarray(done, count));
    }
  } catch {
    // One of the two was closed.
  }
  close({ ends: [from, to] });
}

function close({ ends }: Pick<Passage, "ends">): void {
  for (const end of ends) {
    try {
      end.close();
    } catch {
      // It is closed already.
    }
  }
}
