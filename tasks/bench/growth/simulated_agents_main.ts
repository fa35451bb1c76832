// deno-lint-ignore-file no-console -- its parent reads what it prints
/**
 * Many agents in one process: each with its own identity, port and sessions, all with one host. The
 * argument is their number; standard input has the launch document. Prints their ports, and serves
 * until its input ends.
 *
 * @module
 */
import { LocalHost } from "../../../agent/host/local_host.ts";
import type { LaunchDocument } from "../../../agent/identity/enrolment_proof.ts";
import { makeNodeIdentity } from "../../../agent/identity/identity.ts";
import { AgentServer } from "../../../agent/server/agent_server.ts";
import { SessionServer } from "../../../agent/server/session_server.ts";
import { TextLineStream } from "../peers/text_line_stream.ts";

async function serve(host: LocalHost, launch: LaunchDocument): Promise<number> {
  const sessions = new SessionServer(host);
  const server = await AgentServer.listen({
    hostname: "127.0.0.1",
    port: 0,
    launch,
    identity: makeNodeIdentity(),
    onSession: (socket) => sessions.attach(socket),
    onHeartbeat: () => sessions.renew(),
    log: () => {},
  });
  return server.address.port;
}

const count = Number(Deno.args[0]);
const input = Deno.stdin.readable.pipeThrough(new TextLineStream()).getReader();
const launch = JSON.parse((await input.read()).value!) as LaunchDocument;
const rootDir = await Deno.makeTempDir({ prefix: "clustertest-bench-agents-" });
const host = await LocalHost.open({ rootDir, env: { PATH: Deno.env.get("PATH") ?? "" } });
const ports: number[] = [];
for (let i = 0; i < count; i++) ports.push(await serve(host, launch));
console.log(JSON.stringify(ports));
await input.read();
await host[Symbol.asyncDispose]();
await Deno.remove(rootDir, { recursive: true });
Deno.exit(0);
