import assert from "node:assert/strict";
import { connect, type ConnectionOptions } from "node:tls";
import { enrol } from "../client/enrol.ts";
import { post } from "../client/agent_request.ts";
import { openSocket } from "../client/agent_socket.ts";
import { type AgentTls, pinnedTls } from "../client/agent_tls.ts";
import { type Identity, makeNodeIdentity, makeRunnerIdentity } from "../identity/identity.ts";
import { Authority } from "../testing/authority.ts";
import { TestAgent } from "../testing/test_agent.ts";

/** Milliseconds. */
const MINUTE = 60_000;

/** Without looking at the agent's certificate, as an intruder would. */
const ANY_AGENT = { minVersion: "TLSv1.3", rejectUnauthorized: false } as const;

Deno.test("an agent refuses whoever has no certificate of the runner's", async () => {
  const authority = Authority.make();
  await using agent = await TestAgent.start({ launch: authority.launch });
  const intruders: Record<string, Identity | undefined> = {
    "no certificate": undefined,
    "a certificate of another authority": makeRunnerIdentity(),
    "the certificate of another node": makeNodeIdentity(),
    "a server's certificate of the same authority": authority.issue("server"),
    "an expired certificate": authority.issue("client", { from: 0, to: Date.now() - MINUTE }),
    "a certificate that does not count yet": authority.issue("client", {
      from: Date.now() + MINUTE,
      to: Date.now() + 2 * MINUTE,
    }),
  };
  for (const [what, identity] of Object.entries(intruders)) {
    const tls = { ...ANY_AGENT, cert: identity?.certificate, key: identity?.privateKey };
    const ended = post(agent.address, "/v1/enrol", {
      body: {},
      tls: tls as AgentTls,
      signal: inTime(),
    });
    await assert.rejects(ended, { name: "UnansweredError" }, what);
  }
  assert.doesNotMatch(agent.log, /POST/, "a request has reached a handler");
  await assertServes(agent, authority);
});

Deno.test("an agent refuses the certificate of another node once it is enrolled", async () => {
  const authority = Authority.make();
  const { launch } = authority;
  await using agent = await TestAgent.start({ launch });
  const runner = authority.runner();
  const known = await enrol({ address: agent.address, launch, runner, signal: inTime() });
  const node = makeNodeIdentity();
  for (const path of ["/v1/session", "/v1/lease"]) {
    const opened = openSocket(known, path, { tls: pinnedTls(node, known), signal: inTime() });
    await assert.rejects(opened, /hang up|closed|alert/i);
  }
  assert.doesNotMatch(agent.log, /upgrade/);
  (await openSocket(known, "/v1/lease", { tls: pinnedTls(runner, known) })).terminate();
});

Deno.test("an agent refuses TLS 1.2, and what is no TLS", async () => {
  const authority = Authority.make();
  await using agent = await TestAgent.start({ launch: authority.launch });
  const { certificate: cert, privateKey: key } = authority.runner();
  const old = { cert, key, rejectUnauthorized: false, maxVersion: "TLSv1.2" } as const;
  await assert.rejects(handshake({ ...agent.address, host: "127.0.0.1", ...old }), /alert/);
  const url = `http://127.0.0.1:${agent.address.port}/v1/enrol`;
  await assert.rejects(fetch(url, { method: "POST", body: "{}" }), TypeError);
  await agent.says(/handshake refused/);
  assert.doesNotMatch(agent.log, /POST/);
  await assertServes(agent, authority);
});

async function assertServes({ address }: TestAgent, authority: Authority): Promise<void> {
  const { launch } = authority;
  await enrol({ address, launch, runner: authority.runner(), signal: inTime() });
}

function handshake(options: ConnectionOptions): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const socket = connect(options, resolve).once("error", reject);
  return promise.finally(() => socket.destroy());
}

function inTime(): AbortSignal {
  return AbortSignal.timeout(30_000);
}
