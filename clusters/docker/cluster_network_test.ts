import { deepStrictEqual, rejects } from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { currentRun } from "../run.ts";
import { createNetwork, removeNetwork } from "./cluster_network.ts";
import { removeContainer } from "./container.ts";
import type { Engine } from "./engine/engine.ts";
import { listResources } from "./left_overs.ts";
import { haveEngine, openEngine, testImages } from "./testing/engine.ts";

const ignore = !await haveEngine();

/** Makes a network, and a container in it that no cluster has made. */
async function makeNetwork(engine: Engine) {
  const clusterId = crypto.randomUUID().slice(0, 12);
  const name = await createNetwork(
    engine,
    { run: currentRun(), clusterId },
    AbortSignal.timeout(30_000),
  );
  const container = `foreign-${clusterId}`;
  const [path, query] = ["/containers/create", { name: container }];
  const body = {
    Image: testImages.busybox,
    Cmd: ["sleep", "1000"],
    HostConfig: { NetworkMode: name },
  };
  await engine.call({ what: "create", method: "POST", path, query, body });
  await engine.call({ what: "start", method: "POST", path: `/containers/${container}/start` });
  return { clusterId, name, container };
}

Deno.test({
  name: "removeNetwork() says which containers keep it from that",
  ignore,
  fn: async () => {
    await using engine = await openEngine();
    const { clusterId, name, container } = await makeNetwork(engine);
    await rejects(
      removeNetwork(engine, name, name),
      new RegExp(`containers that are not the cluster's are in it: "${container}"\\. Remove them`),
    );
    await removeContainer(engine, container, container);
    await removeNetwork(engine, name, name);
    deepStrictEqual(await listResources(engine, { clusterId }), []);
  },
});

Deno.test({
  name: "removeNetwork() waits a little for the last container to leave",
  ignore,
  fn: async () => {
    await using engine = await openEngine();
    const { clusterId, name, container } = await makeNetwork(engine);
    await Promise.all([
      removeNetwork(engine, name, name),
      delay(500).then(() => removeContainer(engine, container, container)),
    ]);
    deepStrictEqual(await listResources(engine, { clusterId }), []);
  },
});
