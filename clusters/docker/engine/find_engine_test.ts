import { match, rejects, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { BackendUnusableError } from "../../errors.ts";
import { findEngine } from "./find_engine.ts";

async function withDir(work: (dir: string) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir();
  try {
    await work(dir);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

Deno.test("findEngine() lists what it tried, why that failed, and what to do", async () => {
  await withDir(async (dir) => {
    const path = join(dir, "engine.sock");
    const env = { DOCKER_HOST: `unix://${path}`, HOME: dir };
    const error = await findEngine({ env }).catch((error) => error);
    strictEqual(error instanceof BackendUnusableError, true);
    match(
      error.message,
      /no engine was found:\n {2}- unix:.*\(DOCKER_HOST\): there is no such socket/,
    );
    match(error.message, /systemctl start docker/);
  });
});

Deno.test("findEngine() rejects what is no address, and what nobody listens at", async () => {
  const asked = (host: string) => findEngine({ host, env: {} });
  await rejects(asked("ftp://here"), /the backend's options: Cannot use "ftp:\/\/here"/);
  await rejects(asked("tcp://127.0.0.1:1"), /tcp:\/\/127\.0\.0\.1:1 .*nothing listens there/);
});

Deno.test("findEngine() says so when what answers is no engine", async () => {
  await withDir(async (dir) => {
    const path = join(dir, "engine.sock");
    const answer = (): Response => new Response("?", { status: 404 });
    await using _server = Deno.serve({ path, onListen: () => {} }, answer);
    await rejects(
      findEngine({ host: `unix://${path}`, env: {} }),
      /what answers there is no engine \(HTTP status 404\)\.\nStart one/,
    );
  });
});

Deno.test("findEngine() connects to what answers", async () => {
  await withDir(async (dir) => {
    const path = join(dir, "engine.sock");
    await using server = Deno.serve({ path, onListen: () => {} }, () => new Response("OK"));
    await using engine = await findEngine({ env: { DOCKER_HOST: `unix://${path}` } });
    strictEqual(engine.address, `unix://${path}`);
    strictEqual(server.addr.path, path);
  });
});
