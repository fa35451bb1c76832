/**
 * Commands and forwards through servers of both protocols.
 *
 * @module
 */
import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { setImmediate } from "node:timers";
// @ts-types="@types/ws"
import type { WebSocket } from "ws";
import { AnsweringServer, type SeenRequest } from "./testing/answering_server.ts";
import type { ExecOptions } from "./exec_in_pod.ts";

const never = (): AbortSignal => new AbortController().signal;

const SUCCESS = { metadata: {}, status: "Success" };

function message(channel: number, data: string | Uint8Array): Uint8Array {
  const bytes = typeof data === "string" ? new TextEncoder().encode(data) : data;
  return Uint8Array.of(channel, ...bytes);
}

/** Runs a command on a server that speaks `protocol`. */
async function exec(
  { protocol, onSocket, ...options }: Partial<ExecOptions> & {
    readonly protocol?: string;
    readonly onSocket: (socket: WebSocket, request: SeenRequest) => void;
  },
) {
  await using stack = new AsyncDisposableStack();
  const server = stack.use(await AnsweringServer.open({ protocol, onSocket }));
  const api = await server.api(stack);
  const command = ["cat", "a b"];
  return await api.exec({ pod: "p", container: "c", command, signal: never(), ...options });
}

/** A command that says how much it got, and on which channels something came. */
function counting(enough: number) {
  return (socket: WebSocket): void => {
    let count = 0;
    const channels = new Set<string>();
    socket.on("message", (data: Uint8Array) => {
      if (data[0] === 0) count += data.length - 1;
      channels.add(data[0] === 255 ? `255:${data[1]}` : String(data[0]));
      const isOver = socket.protocol === "v5.channel.k8s.io"
        ? channels.has("255:0")
        : count >= enough;
      if (!isOver) return;
      socket.send(message(1, `${count} ${[...channels].join()}`));
      socket.send(message(3, JSON.stringify(SUCCESS)));
    });
  };
}

Deno.test("exec() asks for a command's streams, and gives what it writes and its code", async () => {
  const seen: SeenRequest[] = [];
  const status = {
    status: "Failure",
    reason: "NonZeroExitCode",
    details: { causes: [{ reason: "ExitCode", message: "3" }] },
  };
  const result = await exec({
    onSocket: (socket, request) => {
      seen.push(request);
      socket.send(message(1, "o"));
      socket.send(message(2, "e"));
      socket.send(message(1, ""));
      socket.send(message(1, "ut"));
      socket.send(message(3, JSON.stringify(status)));
    },
  });
  deepStrictEqual(result, { code: 3, stdout: "out", stderr: "e" });
  strictEqual(seen[0]?.path, "/api/v1/namespaces/tests/pods/p/exec");
  strictEqual(
    String(seen[0]?.query),
    "container=c&stdout=true&stderr=true&command=cat&command=a+b",
  );
});

Deno.test("exec() ends an input by the fifth protocol, and not at all by the fourth", async () => {
  const stdin = new Uint8Array(200_000);
  for (const protocol of ["v5.channel.k8s.io", "v4.channel.k8s.io"]) {
    const { stdout } = await exec({ protocol, stdin, onSocket: counting(stdin.length) });
    strictEqual(stdout, protocol.startsWith("v5") ? "200000 0,255:0" : "200000 0");
  }
});

Deno.test("exec() refuses an input that is not as long as was said", async () => {
  await using stack = new AsyncDisposableStack();
  const server = stack.use(await AnsweringServer.open({ onSocket: () => {} }));
  const api = await server.api(stack);
  for (const length of [1, 5]) {
    const stdin = { stream: new Blob(["abc"]).stream(), length };
    const running = api.exec({ pod: "p", container: "c", command: ["x"], stdin, signal: never() });
    await rejects(running, RangeError);
  }
});

Deno.test("exec() keeps the end of what a command writes", async () => {
  const { stdout } = await exec({
    onSocket: (socket) => {
      for (let part = 0; part < 40; part++) socket.send(message(1, "x".repeat(32 * 1024)));
      socket.send(message(1, "end"));
      socket.send(message(3, JSON.stringify(SUCCESS)));
    },
  });
  strictEqual(stdout.length, 1024 * 1024);
  ok(stdout.endsWith("xend"));
});

Deno.test("exec() says why a command could not run, or did not end", async () => {
  const failed = { status: "Failure", message: "container not found", reason: "InternalError" };
  const refused = exec({
    onSocket: (socket) => socket.send(message(3, JSON.stringify(failed))),
  });
  await rejects(refused, { message: 'Cannot run a command in pod "p": container not found' });
  await rejects(exec({ onSocket: (socket) => socket.close(1011, "too bad") }), {
    message: 'Cannot run a command in pod "p": the connection has broken off: too bad',
  });
  const end = new AbortController();
  const reason = new Error("enough");
  const aborted = exec({ onSocket: () => end.abort(reason), signal: end.signal });
  await rejects(aborted, reason);
});

Deno.test("exec() and dial() say which right is missing where create and get are wanted", async () => {
  await using stack = new AsyncDisposableStack();
  for (const subresource of ["exec", "portforward"]) {
    const message = `pods "p" is forbidden: User "u" cannot create resource "pods/${subresource}"`;
    const body = { kind: "Status", message, reason: "Forbidden" };
    const server = stack.use(await AnsweringServer.open({ answer: () => ({ status: 403, body }) }));
    const api = await server.api(stack);
    const signal = never();
    const calling = subresource === "exec"
      ? api.exec({ pod: "p", container: "c", command: ["x"], signal })
      : api.dial({ pod: "p", port: 1, signal });
    await rejects(calling, (error: Error) =>
      error.message.includes(
        `{"apiGroups":[""],"resources":["pods/${subresource}"],"verbs":["create","get"]}`,
      ));
  }
});

Deno.test("exec() waits for a server that is too busy, and brings plain words", async () => {
  await using stack = new AsyncDisposableStack();
  const answers = [{ status: 429, body: "later" }, { status: 500, body: "no runtime\n" }];
  const server = stack.use(await AnsweringServer.open({ answer: () => answers.shift()! }));
  const api = await server.api(stack);
  const running = api.exec({ pod: "p", container: "c", command: ["x"], signal: never() });
  await rejects(running, { message: 'Cannot run a command in pod "p": no runtime' });
});

Deno.test("exec() leaves no connection when it is aborted, whatever the moment", async () => {
  const command = ["true"];
  const reason = new Error("enough");
  // A server that never answers, so that all are aborted, and one that may have refused before.
  for (const isSilent of [true, false]) {
    await using stack = new AsyncDisposableStack();
    const answer = isSilent ? () => "hang" as const : undefined;
    const server = stack.use(await AnsweringServer.open({ answer }));
    const api = await server.api(stack);
    for (let turns = 0; turns < 100; turns++) {
      const end = new AbortController();
      const running = api.exec({ pod: "p", container: "c", command, signal: end.signal });
      // The sanitizer sees what an attempt leaves.
      const rejected = isSilent ? rejects(running, reason) : rejects(running);
      for (let turn = 0; turn < turns; turn++) await new Promise(setImmediate);
      end.abort(reason);
      await rejected;
    }
  }
});
