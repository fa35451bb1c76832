// deno-lint-ignore-file no-console -- its parent reads what it prints
/**
 * The program of `TcpServices`: prints its ports, and serves until it is killed. Its arguments are
 * where it listens, and at which ports: for the echo, the source and the sink.
 *
 * @module
 */
import { TextLineStream } from "./text_line_stream.ts";

const BLOCK = new Uint8Array(64 * 1024);

const [hostname = "127.0.0.1", ...ports] = Deno.args;

/** Serves every connection to a port, by default a free one; returns the port. */
function serve(service: (conn: Deno.TcpConn) => Promise<void>, port = "0"): number {
  const listener = Deno.listen({ hostname, port: Number(port) });
  (async () => {
    for await (const conn of listener) {
      conn.setNoDelay(true);
      // A client that leaves in the middle is none of the service's concern.
      service(conn).catch(() => {});
    }
  })();
  return listener.addr.port;
}

async function echo(conn: Deno.TcpConn): Promise<void> {
  await conn.readable.pipeTo(conn.writable);
}

async function source(conn: Deno.TcpConn): Promise<void> {
  const lines = conn.readable.pipeThrough(new TextLineStream()).getReader();
  const { value } = await lines.read();
  for (let left = Number(value); left > 0;) {
    left -= await conn.write(left < BLOCK.length ? BLOCK.subarray(0, left) : BLOCK);
  }
  await conn.closeWrite();
}

async function sink(conn: Deno.TcpConn): Promise<void> {
  const block = new Uint8Array(BLOCK.length);
  let size = 0;
  for (let read; (read = await conn.read(block)) !== null;) size += read;
  await conn.write(new TextEncoder().encode(`${size}\n`));
  conn.close();
}

console.log(JSON.stringify({
  echo: serve(echo, ports[0]),
  source: serve(source, ports[1]),
  sink: serve(sink, ports[2]),
}));
