/**
 * What helpers do, in containers with BusyBox, as the kubelet runs them.
 *
 * @module
 */
import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { haveEngine } from "../docker/testing/engine.ts";
import { AWAIT_SCRIPT, receiveScript, SEED_SCRIPT } from "./helper_scripts.ts";
import {
  AGENT_DIR,
  AGENT_PORT,
  ARCHIVE,
  ARCHIVE_DIR,
  LAUNCH_DIR,
  LAUNCH_FILE,
  SECRET_DIR,
  SEED_PORT,
} from "./pod_places.ts";
import { testImages } from "./testing/cluster.ts";

const ignore = !await haveEngine();

/** Volumes, as the pod has them. */
const PLACES = `mkdir -p ${AGENT_DIR} ${ARCHIVE_DIR} ${LAUNCH_DIR} ${SECRET_DIR}
echo secret > ${SECRET_DIR}/${LAUNCH_FILE}
`;

/** Runs a script in a container; it is killed when it takes longer than a test may. */
async function runScript(
  script: string,
  { seconds = 60 }: { readonly seconds?: number } = {},
): Promise<{ readonly code: number; readonly output: string }> {
  const variables = {
    START_SECONDS: String(seconds),
    POD_IP: "192.0.2.1",
    NODE_NAME: "one",
    SCRIPT: script,
    RECEIVE: receiveScript({ size: 1_000_000, isSeed: false }),
  };
  const env = Object.entries(variables).flatMap(([name, value]) => ["--env", `${name}=${value}`]);
  // The first process of a container would not be ended.
  const command = ["sh", "-c", 'timeout 45 sh -c "$SCRIPT"'];
  const args = ["run", "--rm", ...env, testImages.busybox, ...command];
  const { code, stdout, stderr } = await new Deno.Command("docker", { args }).output();
  const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
  return { code, output: decode(stdout) + decode(stderr) };
}

Deno.test({ name: "a helper ends that is never sent an agent", ignore }, async () => {
  strictEqual((await runScript(PLACES + AWAIT_SCRIPT, { seconds: 1 })).code, 1);
});

Deno.test({ name: "a helper goes on once it was sent an agent", ignore }, async () => {
  const { code, output } = await runScript(`${PLACES}
    (${AWAIT_SCRIPT}
    ) & helper=$!
    echo agent > /agent
    tar cz /agent 2> /dev/null | sh -c "$RECEIVE" > /dev/null
    wait $helper || exit $?
    cat ${AGENT_DIR}/agent ${LAUNCH_DIR}/open/${LAUNCH_FILE}`);
  deepStrictEqual({ code, output }, { code: 0, output: "agent\nsecret\n" });
});

Deno.test({
  name: "what hands on the agent ends when that of its pod never listens",
  ignore,
  fn: async () => {
    strictEqual((await runScript(PLACES + SEED_SCRIPT, { seconds: 1 })).code, 1);
  },
});

Deno.test({
  name: "what hands on the agent does so until that of its pod ends",
  ignore,
  fn: async () => {
    const { code, output } = await runScript(`${PLACES}
    echo archive > ${ARCHIVE_DIR}/${ARCHIVE}
    httpd -f -p 0.0.0.0:${AGENT_PORT} & agent=$!
    (${SEED_SCRIPT}
    ) & seed=$!
    until nc 127.0.0.1 ${SEED_PORT} < /dev/null; do sleep 0.1; done 2> /dev/null
    kill $agent
    wait $seed
    echo "it ended with $?"`);
    deepStrictEqual({ code, output }, { code: 0, output: "archive\nit ended with 0\n" });
  },
});
