// deno-lint-ignore-file no-console -- its parent reads what it prints
/**
 * The program of `TestcontainersPeer`: starts and stops containers of the image that is its
 * argument, and prints how long that took. Standard input has the requests, a line of JSON each.
 *
 * @module
 */
import { TextLineStream } from "./text_line_stream.ts";
import type { TestcontainersReply, TestcontainersRequest } from "./testcontainers_peer.ts";

/** No literal where it is imported: nothing but this program is to load it. */
const TESTCONTAINERS = "npm:testcontainers@12.0.4";

interface StartedContainer {
  exec(command: string[]): Promise<{ exitCode: number }>;
  stop(options: { timeout: number }): Promise<unknown>;
}

interface GenericContainer {
  withCommand(command: string[]): this;
  start(): Promise<StartedContainer>;
}

interface Testcontainers {
  GenericContainer: new (image: string) => GenericContainer;
}

const [image = ""] = Deno.args;
const { GenericContainer } = await import(TESTCONTAINERS) as Testcontainers;
let containers: StartedContainer[] = [];

async function start(): Promise<StartedContainer> {
  const container = await new GenericContainer(image).withCommand(["sleep", "1000"]).start();
  const { exitCode } = await container.exec(["true"]);
  if (exitCode !== 0) throw new Error(`a command failed with ${exitCode}`);
  return container;
}

async function stop(): Promise<void> {
  await Promise.all(containers.map((container) => container.stop({ timeout: 0 })));
  containers = [];
}

async function serve(request: TestcontainersRequest): Promise<TestcontainersReply> {
  const started = performance.now();
  try {
    if ("stop" in request) await stop();
    else containers = await Promise.all(Array.from({ length: request.start }, start));
    return { milliseconds: performance.now() - started };
  } catch (error) {
    return { failed: String(error) };
  }
}

console.log(JSON.stringify({ milliseconds: 0 }));
for await (const line of Deno.stdin.readable.pipeThrough(new TextLineStream())) {
  console.log(JSON.stringify(await serve(JSON.parse(line))));
}
await stop();
