import { strictEqual } from "node:assert/strict";
import { LocalHost } from "../local_host.ts";

/** Some of them fail where it is not waited for what is being started. */
const ROUNDS = 100;

Deno.test({
  name: "a port is free once its listener is closed, whatever is being started meanwhile",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    // An address at which no other test has anything, so that nothing else takes the port meanwhile.
    const hostname = `127.${
      crypto.getRandomValues(new Uint8Array(3)).map((byte) => byte % 250 + 1).join(".")
    }`;
    const rootDir = await Deno.makeTempDir();
    {
      await using host = await LocalHost.open({ rootDir, env: { PATH: "/usr/bin:/bin" } });
      let port = 0;
      for (let round = 0; round < ROUNDS; round++) {
        const target = { transport: "tcp", hostname, port } as const;
        const listener = await host.network.listen(target);
        ({ port } = listener.addr as Deno.NetAddr);
        const accepting = listener[Symbol.asyncIterator]().next();
        const child = new Deno.Command("true").spawn();
        await listener[Symbol.asyncDispose]();
        await listener[Symbol.asyncDispose]();
        strictEqual((await accepting).done, true);
        const again = await host.network.listen({ ...target, port });
        await again[Symbol.asyncDispose]();
        await child.status;
      }
    }
    await Deno.remove(rootDir, { recursive: true });
  },
});
