/**
 * What helpers do, in containers with BusyBox, as the kubelet runs them.
 *
 * @module
 */
import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { packArchive } from "../../agent/build/pack_archive.ts";
import { openPack, writeManifest } from "../../agent/build/pack_manifest.ts";
import { packSum } from "../../agent/build/pack_sum.ts";
import { haveEngine } from "../docker/testing/engine.ts";
import {
  AWAIT_SCRIPT,
  FETCH_SCRIPT,
  HOLD_SCRIPT,
  IS_TAKEN_SCRIPT,
  LISTEN_SCRIPT,
  LOOK_INTERVAL,
  PREPARE_SCRIPT,
  receiveScript,
  takeScript,
} from "./helper_scripts.ts";
import {
  AGENT_DIR,
  AGENT_PORT,
  ARCHIVE,
  ARCHIVE_DIR,
  DELIVERY_PORT,
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
  { seconds = 60, env: more = {} }: {
    readonly seconds?: number;
    readonly env?: Readonly<Record<string, string>>;
  } = {},
): Promise<{ readonly code: number; readonly output: string }> {
  const variables = {
    START_SECONDS: String(seconds),
    POD_IP: "192.0.2.1",
    NODE_NAME: "one",
    SCRIPT: script,
    RECEIVE: receiveScript({ size: 1_000_000, isSeed: false }),
    RECEIVE_AND_KEEP: receiveScript({ size: 1_000_000, isSeed: true }),
    HOLD: HOLD_SCRIPT,
    IS_TAKEN: IS_TAKEN_SCRIPT,
    ...more,
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

/** Has a helper begin, which gets what comes from `send`. */
const SENDING = `(${AWAIT_SCRIPT}
) & helper=$!
send() { echo "$1" > /agent; tar cz /agent 2> /dev/null | sh -c "$RECEIVE"; }
`;

Deno.test({
  name: "a helper lets the node start once it was sent an agent, and takes no other one",
  ignore,
  fn: async () => {
    const { code, output } = await runScript(`${PLACES}${SENDING}
    sh -c "$IS_TAKEN" || echo "nothing yet"
    send first
    sh -c "$HOLD" || exit $?
    sh -c "$IS_TAKEN" || exit $?
    cat ${AGENT_DIR}/agent ${LAUNCH_DIR}/open/${LAUNCH_FILE}
    send second
    cat ${AGENT_DIR}/agent
    ls -A ${AGENT_DIR}`);
    deepStrictEqual({ code, output }, {
      code: 0,
      output: "nothing yet\nclustertest: taken\nfirst\nsecret\n" +
        "clustertest: taken\nfirst\nagent\n",
    });
  },
});

Deno.test({
  name:
    "a helper that has nothing to bring lets the node start, and ends when its agent never listens",
  ignore,
  fn: async () => {
    const { code, output } = await runScript(
      `${PLACES}
    (${PREPARE_SCRIPT}
    ) & helper=$!
    sh -c "$HOLD" || exit $?
    cat ${LAUNCH_DIR}/open/${LAUNCH_FILE}
    wait $helper
    echo "it ended with $?"`,
      { seconds: 1 },
    );
    deepStrictEqual({ code, output }, { code: 0, output: "secret\nit ended with 1\n" });
  },
});

Deno.test({
  name: "a helper ends with its agent also where nobody awaits it, and at once when it is told to",
  ignore,
  fn: async () => {
    const { code, output } = await runScript(`${PLACES}
    httpd -f -p 0.0.0.0:${AGENT_PORT} & agent=$!
    (${PREPARE_SCRIPT}
    ) & helper=$!
    until ps | grep -q '[s]leep ${LOOK_INTERVAL}$'; do sleep 0.1; done
    kill $helper
    wait $helper
    echo "it ended with $?"
    kill $agent`);
    deepStrictEqual({ code, output }, { code: 0, output: "it ended with 0\n" });
  },
});

Deno.test({
  name: "a helper hands on the agent until that of its pod ends",
  ignore,
  fn: async () => {
    const { code, output } = await runScript(`${PLACES}
    RECEIVE=$RECEIVE_AND_KEEP
    httpd -f -p 0.0.0.0:${AGENT_PORT} & agent=$!
    ${SENDING}
    send first > /dev/null
    sh -c "$HOLD" || exit $?
    until echo | nc 127.0.0.1 ${SEED_PORT} > /handed; do sleep 0.1; done 2> /dev/null
    tar xO -f /handed
    # An agent that had gone before it was seen would still be waited for.
    until ps | grep -q '[s]leep ${LOOK_INTERVAL}$'; do sleep 0.1; done
    kill $agent
    wait $helper
    echo "it ended with $?"`);
    deepStrictEqual({ code, output }, { code: 0, output: "first\nit ended with 0\n" });
  },
});

/** Variables of a shell with a small agent, and what takes no other one. */
async function smallAgent(): Promise<Readonly<Record<string, string>>> {
  await using stack = new AsyncDisposableStack();
  const dir = await Deno.makeTempDir();
  stack.defer(() => Deno.remove(dir, { recursive: true }));
  await Deno.mkdir(join(dir, "lib"));
  for (const path of ["agent.js", "deno", "lib/libc.so.6"]) {
    await Deno.writeTextFile(join(dir, path), path);
  }
  const target = "x86_64-unknown-linux-gnu";
  await writeManifest(dir, { target, sources: "s", runtime: "r", command: ["{dir}/deno"] });
  const pack = (await openPack(dir))!;
  const archive = await new Response(packArchive(pack, { gzip: true })).bytes();
  const sha256 = await packSum(pack);
  return {
    ARCHIVE: archive.toBase64(),
    SHA256: sha256,
    LISTEN: LISTEN_SCRIPT,
    TAKE: takeScript({ sha256, isSeed: true }),
    SEED: `127.0.0.1 ${SEED_PORT}`,
  };
}

/** Archives of the agent, and of others that someone might send in its place. */
const ARCHIVES = `echo "$ARCHIVE" | base64 -d | gzip -d > /right.tar
other() { rm -rf /other; mkdir /other; tar x -C /other -f /right.tar; cd /other; }
pack() { tar c -f /$1.tar *; cd /; }
(other; echo more > lib/more; pack added)
(other; ln -s nowhere lib/libm.so.6; pack linked)
(other; echo more > .hidden; tar c -f /hidden.tar .)
(other; echo other > agent.js; pack changed)
(other; rm lib/libc.so.6; pack lacking)
head -c 1500 /right.tar > /half.tar
`;

const OTHERS = "added linked hidden changed lacking half";

Deno.test({
  name: "a helper takes the agent from a connection, and nothing else that is sent to it",
  ignore,
  fn: async () => {
    const { code, output } = await runScript(
      `${PLACES}${ARCHIVES}
    (${AWAIT_SCRIPT}
    ) & helper=$!
    sh -c "$LISTEN" sh "$TAKE"
    send() { until nc 127.0.0.1 ${DELIVERY_PORT} < /$1.tar; do sleep 0.1; done 2> /dev/null; }
    for each in ${OTHERS}; do send $each; done | grep taken
    until [ -z "$(ls -A ${AGENT_DIR})" ]; do sleep 0.1; done
    echo "handed on:" $(ls -A ${ARCHIVE_DIR})
    send right
    sh -c "$HOLD" || exit $?
    echo "it has" $(ls -A ${AGENT_DIR})
    # Nobody listens any more.
    while nc 127.0.0.1 ${DELIVERY_PORT} < /dev/null; do sleep 0.1; done > /dev/null 2>&1
    cmp /right.tar ${ARCHIVE_DIR}/${ARCHIVE}`,
      { env: await smallAgent() },
    );
    deepStrictEqual({ code, output }, {
      code: 0,
      output: "192.0.2.1\nhanded on:\nclustertest: taken\n" +
        "it has agent.js deno lib manifest.json\n",
    });
  },
});

Deno.test({
  name: "a helper asks for the agent, and asks again while it gets another one",
  ignore,
  fn: async () => {
    const { code, output } = await runScript(
      `${PLACES}${ARCHIVES}
    touch /attempts
    ln -s /added.tar /now.tar
    # Who only reads does not learn that its connection was forgotten.
    nc -ll -p ${SEED_PORT} -e sh -c 'read _; echo >> /attempts; cat /now.tar' &
    (${FETCH_SCRIPT}
    ) & helper=$!
    begun() { wc -l < /attempts; }
    attempt() { last=$(($(begun) + 2)); until [ $(begun) -ge $last ]; do sleep 0.05; done; }
    for each in ${OTHERS}; do
      ln -sf /$each.tar /now.tar
      attempt
      ls ${AGENT_DIR}
    done
    ln -sf /right.tar /now.tar
    sh -c "$HOLD" || exit $?
    echo "it has" $(ls -A ${AGENT_DIR})`,
      { env: await smallAgent() },
    );
    deepStrictEqual({ code, output }, {
      code: 0,
      output: "it has agent.js deno lib manifest.json\n",
    });
  },
});
