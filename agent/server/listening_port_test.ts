import { match, strictEqual } from "node:assert/strict";
import type { Socket } from "node:net";
import { delay } from "../delay.ts";
import { ListeningPort } from "./listening_port.ts";

/** Descriptors of the process that listens: fewer than clients want from it. */
const DESCRIPTORS = 100;

/** Milliseconds until a port that has gone deaf has to be heard again. */
const PATIENCE = 30_000;

/** Listens with few descriptors, writes its port and its log, and greets each client. */
const PROGRAM = `
  import { ListeningPort } from ${JSON.stringify(import.meta.resolve("./listening_port.ts"))};
  const port = await ListeningPort.open({
    hostname: "127.0.0.1",
    port: 0,
    lookInterval: 200,
    log: (line) => console.log(line),
    onConnection: (socket) => {
      socket.on("error", () => {});
      socket.on("end", () => socket.destroy());
      socket.resume();
      socket.write("hello");
    },
  });
  console.log(port.address.port);`;

/** Milliseconds after which a port that does not greet is taken for deaf. */
const SILENCE = 500;

/** Whether a new client is greeted. */
async function isGreeted(port: number): Promise<boolean> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  const late = delay(SILENCE).then(() => null);
  const read = connection.read(new Uint8Array(8)).catch(() => null);
  const count = await Promise.race([read, late]);
  await late;
  return count === 5;
}

/** Whether one of the clients is greeted that come while it is waited for. */
async function isGreetedInTime(port: number): Promise<boolean> {
  const end = performance.now() + PATIENCE;
  while (performance.now() < end) if (await isGreeted(port)) return true;
  return false;
}

Deno.test({
  name: "a port is listened at anew when it has gone deaf for want of file descriptors",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    const file = await Deno.makeTempFile({ suffix: ".ts" });
    await Deno.writeTextFile(file, PROGRAM);
    const config = new URL("../../deno.json", import.meta.url).pathname;
    const deno = `"$0" run -A --no-check --config ${config} ${file}`;
    const child = new Deno.Command("sh", {
      args: ["-c", `ulimit -n ${DESCRIPTORS}; exec ${deno}`, Deno.execPath()],
      stdout: "piped",
      stderr: "null",
    }).spawn();
    const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
    try {
      const port = Number((await reader.read()).value);
      strictEqual(await isGreetedInTime(port), true);
      const clients: Deno.TcpConn[] = [];
      while (clients.length < 1.5 * DESCRIPTORS) {
        clients.push(await Deno.connect({ hostname: "127.0.0.1", port }));
      }
      strictEqual(await isGreeted(port), false);
      for (const client of clients) client.close();
      strictEqual(await isGreetedInTime(port), true);
      match((await reader.read()).value!, /does not accept connections any more: listening anew/);
    } finally {
      child.kill("SIGKILL");
      await child.status;
      await reader.cancel();
      await Deno.remove(file);
    }
  },
});

Deno.test("a port that accepts is left alone, whoever looks", async () => {
  const lines: string[] = [];
  let accepted = 0;
  await using port = await ListeningPort.open({
    hostname: "127.0.0.1",
    port: 0,
    lookInterval: 5,
    log: (line) => lines.push(line),
    onConnection: (socket: Socket) => {
      accepted++;
      socket.on("error", () => {});
      socket.destroy();
    },
  });
  while (accepted < 5) await delay(5);
  strictEqual(await Deno.connect(port.address).then((each) => (each.close(), true)), true);
  strictEqual(lines.join("\n"), "");
});
