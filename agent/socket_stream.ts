import { Duplex } from "node:stream";

/**
 * A stream that `node:http` and `node:tls` take for a socket: it has the members besides which they call
 * on sockets. Here these do nothing.
 */
export class SocketStream extends Duplex {
  setKeepAlive(): this {
    return this;
  }

  setNoDelay(): this {
    return this;
  }

  setTimeout(): this {
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }
}
