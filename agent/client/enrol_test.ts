import assert from "node:assert/strict";
import { delay } from "../delay.ts";
import { agentProof } from "../identity/enrolment_proof.ts";
import { makeRunnerIdentity } from "../identity/identity.ts";
import { Authority } from "../testing/authority.ts";
import { Impostor, type ImpostorAnswer } from "../testing/impostor.ts";
import { TestAgent } from "../testing/test_agent.ts";
import { PROTOCOL_VERSION } from "../wire/protocol.ts";
import { post } from "./agent_request.ts";
import { openSocket } from "./agent_socket.ts";
import { type AgentTls, pinnedTls } from "./agent_tls.ts";
import { enrol } from "./enrol.ts";

/** A port on which nothing listens. One that was free a moment ago may have been taken by now. */
const DEAD_PORT = 9;

/** Milliseconds in which an agent answers, on a machine that has much else to do. */
const PATIENCE = 30_000;

Deno.test("enrol() refuses a second enrolment, and one with a wrong token", async () => {
  const { launch, runner, agent } = await start();
  await using _ = agent;
  const wrong = { ...launch, token: "f".repeat(64) };
  await assert.rejects(
    enrol({ address: agent.address, launch: wrong, runner, signal: inTime() }),
    refusal(/the launch token is another one$/),
  );
  const known = await enrol({ address: agent.address, launch, runner, signal: inTime() });
  assert.match(known.name, /^node-[0-9a-f-]{36}\.clustertest\.internal$/);
  await assert.rejects(
    enrol({ address: agent.address, launch, runner, signal: inTime() }),
    refusal(/this agent is enrolled already$/),
  );
});

Deno.test("enrol() says so when the agent accepts another runner only", async () => {
  const { launch, agent } = await start();
  await using _ = agent;
  const stranger = makeRunnerIdentity();
  await assert.rejects(
    enrol({ address: agent.address, launch, runner: stranger, signal: inTime() }),
    refusal(/it does not accept this runner's certificate$/),
  );
  assert.doesNotMatch(agent.log, /POST/);
});

Deno.test("enrol() rejects with the reason of the signal, which says why nothing answered", async () => {
  const authority = Authority.make();
  const address = { hostname: "127.0.0.1", port: DEAD_PORT };
  const { launch } = authority;
  const runner = authority.runner();
  let cause: unknown;
  // What is aborted before its first attempt has failed knows nothing yet.
  for (let time = 50; cause === undefined && time < PATIENCE; time *= 2) {
    const reason = new Error("Enough");
    const controller = new AbortController();
    const ended = enrol({ address, launch, runner, signal: controller.signal });
    await delay(time);
    controller.abort(reason);
    await assert.rejects(ended, reason);
    cause = reason.cause;
  }
  assert.match(String(cause), /refused/i);
});

const FORGERIES: Readonly<Record<string, ImpostorAnswer>> = {
  "its own certificate and the runner's proof": ({ body, identity: { certificate, name } }) => {
    const { proof } = JSON.parse(body);
    return Promise.resolve({ status: 200, body: { certificate, name, proof, protocol: 1 } });
  },
  "its own certificate and no proof": ({ identity: { certificate, name } }) =>
    Promise.resolve({ status: 200, body: { certificate, name, proof: "", protocol: 1 } }),
};

for (const [what, answer] of Object.entries(FORGERIES)) {
  Deno.test(`enrol() refuses something in between that shows ${what}`, async () => {
    await using impostor = await Impostor.open(answer);
    const authority = Authority.make();
    const runner = authority.runner();
    await assert.rejects(
      enrol({ address: impostor.address, launch: authority.launch, runner, signal: inTime() }),
      refusal(/what answers there does not know the launch token$/),
    );
  });
}

/** What is to be done about an agent of another version. */
const REMEDIES: readonly (readonly [protocol: number, remedy: RegExp])[] = [
  [PROTOCOL_VERSION - 1, /: rebuild the agent \("deno task agent"\)$/],
  [PROTOCOL_VERSION + 1, /: update clustertest where the tests run$/],
];

for (const [protocol, remedy] of REMEDIES) {
  Deno.test(`enrol() says what to do when the agent speaks protocol ${protocol}`, async () => {
    const authority = Authority.make();
    const { launch } = authority;
    await using impostor = await Impostor.open(
      async ({ body, identity: { certificate, name } }) => {
        const proof = await agentProof(launch.token, {
          id: JSON.parse(body).id,
          certificate,
          name,
        });
        return { status: 200, body: { certificate, name, proof, protocol } };
      },
    );
    const runner = authority.runner();
    const ended = enrol({ address: impostor.address, launch, runner, signal: inTime() });
    await assert.rejects(ended, refusal(/: the runner speaks protocol 1, the agent \d: /));
    await assert.rejects(ended, refusal(remedy));
  });
}

Deno.test("enrol() refuses what is no agent", async () => {
  await using impostor = await Impostor.open(() => Promise.resolve({ status: 200, body: "hello" }));
  const authority = Authority.make();
  const runner = authority.runner();
  await assert.rejects(
    enrol({ address: impostor.address, launch: authority.launch, runner, signal: inTime() }),
    refusal(/what answers there is no agent$/),
  );
});

Deno.test("nothing in between can pass a runner's request on to the agent", async () => {
  const { launch, runner, agent } = await start();
  await using _ = agent;
  await using impostor = await Impostor.open(async ({ path, body, identity }) => {
    const tls = { cert: identity.certificate, key: identity.privateKey, rejectUnauthorized: false };
    const request = { body: JSON.parse(body), tls: tls as AgentTls, signal: inTime() };
    return await post(agent.address, path, request)
      .catch((error) => ({ status: 502, body: { error: error.name } }));
  });
  await assert.rejects(
    enrol({ address: impostor.address, launch, runner, signal: inTime() }),
    refusal(/: UnansweredError$/),
  );
  assert.doesNotMatch(agent.log, /POST/);
  const known = await enrol({ address: agent.address, launch, runner, signal: inTime() });
  const instead = { ...known, ...impostor.address };
  await assert.rejects(
    openSocket(instead, "/v1/session", { tls: pinnedTls(runner, known), signal: inTime() }),
    /certificate/i,
  );
});

async function start() {
  const authority = Authority.make();
  const { launch } = authority;
  return { launch, runner: authority.runner(), agent: await TestAgent.start({ launch }) };
}

function refusal(message: RegExp): { name: string; message: RegExp } {
  return { name: "EnrolmentError", message };
}

function inTime(): AbortSignal {
  return AbortSignal.timeout(PATIENCE);
}
