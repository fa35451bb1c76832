import { strictEqual } from "node:assert/strict";
import { withVariables } from "./thread_variables.ts";

Deno.test("withVariables() gives variables to this thread alone, until its end", async () => {
  const name = `CLUSTERTEST_${crypto.randomUUID()}`;
  const home = Deno.env.get("HOME");
  {
    using _outer = withVariables({ [name]: "outer", HOME: undefined });
    using _inner = withVariables({ [name]: "inner" });
    strictEqual(Deno.env.get(name), "inner");
    strictEqual(Deno.env.get("HOME"), undefined);
    const { stdout } = await new Deno.Command("env").output();
    strictEqual(new TextDecoder().decode(stdout).includes(name), false);
  }
  strictEqual(Deno.env.get(name), undefined);
  strictEqual(Deno.env.get("HOME"), home);
});
