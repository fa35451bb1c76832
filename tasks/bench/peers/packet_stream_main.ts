/**
 * Sends or takes packets at a rate, in whatever network it is run. A datagram says when it was sent, so that
 * who takes it knows how long it was under way.
 *
 * - `send ADDRESS PORT RATE SECONDS`
 * - `take PORT`: until nothing has come for a second; writes how many came, and their mean time in milliseconds
 * - `pour ADDRESS PORT SECONDS`: by TCP, as fast as it can be
 * - `drain PORT`: writes bytes per second of one connection
 *
 * @module
 */
const library = Deno.dlopen("libc.so.6", {
  socket: { parameters: ["i32", "i32", "i32"], result: "i32" },
  bind: { parameters: ["i32", "buffer", "u32"], result: "i32" },
  connect: { parameters: ["i32", "buffer", "u32"], result: "i32" },
  setsockopt: { parameters: ["i32", "i32", "i32", "buffer", "u32"], result: "i32" },
  send: { parameters: ["i32", "buffer", "usize", "i32"], result: "isize" },
  recv: { parameters: ["i32", "buffer", "usize", "i32"], result: "isize" },
});
const { socket, bind, connect, setsockopt, send, recv } = library.symbols;

const AF_INET = 2;
const SOCK_DGRAM = 2;
const SOL_SOCKET = 1;
const SO_RCVTIMEO = 20;
const SO_RCVBUFFORCE = 33;

/** Bytes of a datagram. */
const SIZE = 64;

/** Bytes that wait to be taken, at most. */
const BUFFER_SIZE = 32 * 1024 * 1024;

/** Milliseconds for which a sender rests that is early. */
const MOMENT = 0.2;

/** Milliseconds of the clock that both sides have. */
function now(): number {
  return performance.timeOrigin + performance.now();
}

function print(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}

/** Leaves the processor to others for a moment. */
function rest(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, MOMENT);
}

function socketAddress(hostname: string, port: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(16);
  bytes.set([AF_INET, 0, port >> 8, port & 0xff, ...hostname.split(".").map(Number)]);
  return bytes;
}

function sendAtRate(hostname: string, port: number, [rate, seconds]: [number, number]): void {
  const descriptor = socket(AF_INET, SOCK_DGRAM, 0);
  connect(descriptor, socketAddress(hostname, port), 16);
  const datagram = new Uint8Array(SIZE);
  const view = new DataView(datagram.buffer);
  const started = now();
  for (let sent = 0; sent < rate * seconds;) {
    const at = now();
    if (sent >= (at - started) * rate / 1_000) {
      rest();
      continue;
    }
    view.setFloat64(0, at);
    send(descriptor, datagram, BigInt(SIZE), 0);
    sent++;
  }
}

function take(port: number): void {
  const descriptor = socket(AF_INET, SOCK_DGRAM, 0);
  const size = new Uint8Array(new Int32Array([BUFFER_SIZE]).buffer);
  setsockopt(descriptor, SOL_SOCKET, SO_RCVBUFFORCE, size, size.length);
  bind(descriptor, socketAddress("0.0.0.0", port), 16);
  print("ready");
  const datagram = new Uint8Array(SIZE);
  const view = new DataView(datagram.buffer);
  let [count, sum] = [0, 0];
  while (recv(descriptor, datagram, BigInt(SIZE), 0) === BigInt(SIZE)) {
    if (count === 0) setTimeoutOf(descriptor, 1);
    count++;
    sum += now() - view.getFloat64(0);
  }
  print(JSON.stringify({ count, mean: sum / count }));
}

function setTimeoutOf(descriptor: number, seconds: number): void {
  const time = new Uint8Array(new BigInt64Array([BigInt(seconds), 0n]).buffer);
  setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, time, time.length);
}

async function pour(hostname: string, port: number, seconds: number): Promise<void> {
  using connection = await Deno.connect({ hostname, port });
  const chunk = new Uint8Array(256 * 1024);
  for (const until = now() + seconds * 1_000; now() < until;) await connection.write(chunk);
}

async function drainOne(port: number): Promise<void> {
  using listener = Deno.listen({ hostname: "0.0.0.0", port });
  print("ready");
  using connection = await listener.accept();
  const chunk = new Uint8Array(1024 * 1024);
  const started = now();
  let bytes = 0;
  for (let size; (size = await connection.read(chunk)) !== null;) bytes += size;
  print(JSON.stringify({ rate: bytes / (now() - started) * 1_000 }));
}

const [action, ...words] = Deno.args;
if (action === "send") {
  sendAtRate(words[0]!, Number(words[1]), [Number(words[2]), Number(words[3])]);
} else if (action === "take") take(Number(words[0]));
else if (action === "pour") await pour(words[0]!, Number(words[1]), Number(words[2]));
else await drainOne(Number(words[0]));
