import { deepStrictEqual, rejects } from "node:assert/strict";
import { currentRun } from "../ownership/current_run.ts";
import { createNetwork, removeNetwork } from "./cluster_network.ts";
import { Container, removeContainer } from "./container.ts";
import type { Engine } from "./engine/engine.ts";
import type { EngineCall } from "./engine/engine_call.ts";
import { listResources } from "./list_resources.ts";
import { haveEngine, openEngine, testImages } from "./testing/engine.ts";

const ignore = !await haveEngine();

/** A network, and a container in it that no cluster has made. */
interface Scene {
  readonly engine: Engine;
  readonly network: string;
  readonly container: string;
}

/** A test after which the container is removed, and the network has to be gone. */
function test(name: string, fn: (scene: Scene) => Promise<void>): void {
  Deno.test({
    name,
    ignore,
    fn: async () => {
      await using engine = await openEngine();
      const clusterId = crypto.randomUUID().slice(0, 12);
      const signal = AbortSignal.timeout(30_000);
      const network = await createNetwork(engine, { run: currentRun(), clusterId }, signal);
      const container = `foreign-${clusterId}`;
      try {
        const created = await Container.create(engine, container, {
          Image: testImages.busybox,
          Cmd: ["sleep", "1000"],
          HostConfig: { NetworkMode: network },
        });
        await created.start(signal);
        await fn({ engine, network, container });
      } finally {
        await removeContainer(engine, container, container);
        await removeNetwork(engine, network, network);
      }
      deepStrictEqual(await listResources(engine, { clusterId }), []);
    },
  });
}

test("removeNetwork() says which containers keep it from that", async (scene) => {
  const { engine, network, container } = scene;
  const reason = `containers that are not the cluster's are in it: "${container}"\\. Remove them`;
  await rejects(removeNetwork(engine, network, network), new RegExp(reason));
});

test("removeNetwork() waits a little for the last container to leave", async (scene) => {
  const { engine, network, container } = scene;
  const leave = { what: "leave a network", method: "POST" } as const;
  const path = `/networks/${network}/disconnect`;
  const leaving: Pick<Engine, "call" | "inTurn"> = {
    inTurn: engine.inTurn,
    async call<T>(call: EngineCall): Promise<T> {
      try {
        return await engine.call<T>(call);
      } catch (error) {
        // By the next attempt it has left.
        await engine.call({ ...leave, path, body: { Container: container, Force: true } });
        throw error;
      }
    },
  };
  await removeNetwork(leaving, network, network);
  const left = await listResources(engine);
  deepStrictEqual(left.filter(({ name }) => name === network), []);
});
