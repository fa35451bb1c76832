import { match, rejects } from "node:assert/strict";
import { haveEngine } from "./engine.ts";
import { canStartEngines, PrivateEngine } from "./private_engine.ts";
import { run } from "./run.ts";

const ignore = !await haveEngine() || !await canStartEngines();

Deno.test({
  name: "an engine of a test's own leaves no bridge of a network, though it was killed",
  ignore,
  fn: async () => {
    let bridge: string;
    {
      await using alone = await PrivateEngine.start();
      await using engine = await alone.connect();
      const { Id } = await engine.call<{ readonly Id: string }>({
        ...{ what: "make a network", method: "POST", path: "/networks/create" },
        body: { Name: "left" },
      });
      bridge = `br-${Id.slice(0, 12)}`;
      match(await run("ip", ["link", "show", bridge]), /mtu/);
      await alone.kill();
    }
    await rejects(run("ip", ["link", "show", bridge]), /does not exist/);
  },
});
