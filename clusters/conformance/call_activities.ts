import type { NodeConnection, NodeListener } from "../network/mod.ts";
import { type Activity, repeated, type Stage } from "./activity.ts";
import { openLocalPipe } from "./local_pipe.ts";
import { untilWritten } from "./until_written.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

const portOf = (listener: NodeListener) => (listener.addr as Deno.NetAddr).port;

/** A port on which nothing listens. */
const DEAD_PORT = 9;

/** A stream that brings one chunk; what comes next never does. */
function silent<T>(chunk: T, asked: () => void): ReadableStream<T> {
  let pulls = 0;
  return new ReadableStream({
    pull(controller) {
      if (pulls++ === 0) return controller.enqueue(chunk);
      asked();
      return new Promise(() => {});
    },
  }, { highWaterMark: 0 });
}

/** A stream without an end. */
function endless(asked: () => void): ReadableStream<Uint8Array> {
  let pulls = 0;
  return new ReadableStream({
    pull(controller) {
      if (++pulls === 10) asked();
      controller.enqueue(new Uint8Array(64 * 1024));
    },
  }, { highWaterMark: 0 });
}

/** A request that a server on the node has got and not answered. */
interface Asked<T> {
  readonly answer: Promise<T>;
  readonly connection: NodeConnection;
}

/** Listens on the node, has `ask` make a request there, and resolves once it has come. */
async function asked<T>(
  { node, stack }: Stage,
  ask: (port: number) => Promise<T>,
): Promise<Asked<T>> {
  const listener = stack.use(await node.listen({ port: 0 }));
  const answer = ask(portOf(listener));
  // The caller that awaits it gets the error.
  answer.catch(() => {});
  const connection = stack.use(await listener.accept());
  await connection.read(new Uint8Array(1024));
  return { answer, connection };
}

function askUrl(stage: Stage): Promise<Asked<void>> {
  const { node, dir, signal } = stage;
  return asked(
    stage,
    (port) => node.downloadUrl(`http://${node.address}:${port}/`, `${dir}/file`, { signal }),
  );
}

function askFetch(stage: Stage): Promise<Asked<Response>> {
  const { node, signal } = stage;
  return asked(stage, (port) => node.fetch(`http://localhost:${port}/`, { signal }));
}

/** Milliseconds between two reads of a stream that has no end. */
const READ_PAUSE = 50;

const HALF_AN_ANSWER = "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf!";

/** Calls that take a signal and would never end, without a program on the node. */
export const callActivities: Readonly<Record<string, Activity>> = {
  "writeFile() of a stream that brings no more": ({ node, dir, signal, begun }) =>
    node.writeFile(`${dir}/file`, silent(bytes("x"), begun), { signal }),
  "writeFile() of a stream without end": ({ node, signal, begun }) =>
    node.writeFile("/dev/null", endless(begun), { signal }),
  "writeTextFile() of a stream that brings no more": ({ node, dir, signal, begun }) =>
    node.writeTextFile(`${dir}/file`, silent("x", begun), { signal }),
  async "upload() of a file that brings no more"({ node, dir, localDir, stack, signal, begun }) {
    const pipe = stack.use(await openLocalPipe(`${localDir}/pipe`));
    const uploading = node.upload(`${localDir}/pipe`, `${dir}/file`, { signal });
    await pipe.write(bytes("x"));
    untilWritten(node, dir).then(begun, () => {});
    return await uploading;
  },
  async "download() into a file that takes no more"({ node, localDir, stack, signal, begun }) {
    const pipe = stack.use(await openLocalPipe(`${localDir}/pipe`));
    const downloading = node.download("/dev/zero", `${localDir}/pipe`, { signal });
    await pipe.read(new Uint8Array(1));
    begun();
    return await downloading;
  },
  async "downloadUrl() before the answer"(stage) {
    const { answer } = await askUrl(stage);
    stage.begun();
    return await answer;
  },
  async "downloadUrl() in the middle"(stage) {
    const { answer, connection } = await askUrl(stage);
    await connection.write(bytes(HALF_AN_ANSWER));
    untilWritten(stage.node, stage.dir).then(stage.begun, () => {});
    return await answer;
  },
  async "fetch() before the answer"(stage) {
    const { answer } = await askFetch(stage);
    stage.begun();
    return await answer;
  },
  async "fetch() in the body of the answer"(stage) {
    const { answer, connection } = await askFetch(stage);
    await connection.write(bytes(HALF_AN_ANSWER));
    const reader = (await answer).body!.getReader();
    await reader.read();
    stage.begun();
    return await reader.read();
  },
  async "waitForPort()"({ node, signal, begun }) {
    const waiting = node.waitForPort(DEAD_PORT, { signal });
    begun();
    return await waiting;
  },
  async "waitForHttp() before the answer"(stage) {
    const { node, signal } = stage;
    const ask = (port: number) => node.waitForHttp(`http://localhost:${port}/`, { signal });
    const { answer } = await asked(stage, ask);
    stage.begun();
    return await answer;
  },
  async "accept()"({ node, stack, signal, begun }) {
    const listener = stack.use(await node.listen({ port: 0 }));
    const accepting = listener.accept({ signal });
    begun();
    return await accepting;
  },
  "hostname(), again and again": ({ node, signal, begun }) =>
    repeated(() => node.hostname({ signal }), begun),
  "stat(), again and again": ({ node, dir, signal, begun }) =>
    repeated(() => node.stat(dir, { signal }), begun),
  "readDir(), again and again": ({ node, dir, signal, begun }) =>
    repeated(() => Array.fromAsync(node.readDir(dir, { signal })), begun),
  async "open(), again and again"({ node, signal, begun }) {
    const open = async () => await (await node.open("/dev/null", { read: true, signal })).close();
    return await repeated(open, begun);
  },
  async "listen(), again and again"({ node, signal, begun }) {
    const listen = async () => {
      await using _listener = await node.listen({ port: 0, signal });
    };
    return await repeated(listen, begun);
  },
  async "reverseForward(), again and again"({ node, signal, begun }) {
    const reverseForward = async () => {
      await using _forward = await node.reverseForward(1, { signal });
    };
    return await repeated(reverseForward, begun);
  },
};

/** A connection from the node to itself, of which both ends are in the test. */
async function connectionPair(
  { node, stack }: Stage,
): Promise<{ client: NodeConnection; server: NodeConnection }> {
  const listener = stack.use(await node.listen({ port: 0 }));
  const target = { hostname: node.address, port: portOf(listener) };
  const client = stack.use(await node.connect(target));
  return { client, server: stack.use(await listener.accept()) };
}

/** What is open on a node, without a signal of its own and without a program. */
export const openActivities: Readonly<Record<string, Activity>> = {
  async "read() of a connection"(stage) {
    const { client } = await connectionPair(stage);
    const reading = client.read(new Uint8Array(1));
    stage.begun();
    return await reading;
  },
  async "readable of a connection that was accepted"(stage) {
    const { server } = await connectionPair(stage);
    const reading = server.readable.bytes();
    stage.begun();
    return await reading;
  },
  async "write() of a connection that nobody reads"(stage) {
    const { client } = await connectionPair(stage);
    return await repeated(() => client.write(new Uint8Array(64 * 1024)), stage.begun);
  },
  async "writable of a connection that nobody reads"(stage) {
    const { server } = await connectionPair(stage);
    return await endless(stage.begun).pipeTo(server.writable);
  },
  async "the connections of a listener"({ node, stack, begun }) {
    const listener = stack.use(await node.listen({ port: 0 }));
    const accepting = listener[Symbol.asyncIterator]().next();
    begun();
    return await accepting;
  },
  async "read() of an open file"(stage) {
    const file = await stage.node.open("/dev/zero");
    return await repeated(() => file.read(new Uint8Array(64 * 1024)), stage.begun);
  },
  async "readable of an open file"(stage) {
    const file = await stage.node.open("/dev/zero");
    const slowReader = new WritableStream({
      async write() {
        stage.begun();
        // Nodes of a cloud are billed for what they send.
        await new Promise((go) => setTimeout(go, READ_PAUSE));
      },
    });
    return await file.readable.pipeTo(slowReader);
  },
  async "write() of an open file"(stage) {
    const file = await stage.node.open("/dev/null", { write: true });
    return await repeated(() => file.write(new Uint8Array(64 * 1024)), stage.begun);
  },
  async "writable of an open file"(stage) {
    const file = await stage.node.open("/dev/null", { write: true });
    return await endless(stage.begun).pipeTo(file.writable);
  },
};
