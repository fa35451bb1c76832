import { ok, strictEqual } from "node:assert/strict";
import { lookAtProcesses } from "./process_table.ts";

const ignore = Deno.build.os !== "linux";

Deno.test({
  name: "lookAtProcesses() shows a process with its parent, variables and folder",
  ignore,
  fn: async () => {
    const child = new Deno.Command("sleep", {
      args: ["100"],
      cwd: "/",
      env: { LOOKED_AT: "yes" },
    }).spawn();
    const seen = (await lookAtProcesses()).find(({ pid }) => pid === child.pid);
    child.kill("SIGKILL");
    await child.status;
    strictEqual(seen?.parent, Deno.pid);
    ok(seen.environment.includes("\0LOOKED_AT=yes\0"));
    ok(seen.folders.includes("/"));
  },
});

Deno.test({
  name: "lookAtProcesses() is one look for all who ask at once, and a new one for who asks later",
  ignore,
  fn: async () => {
    const looks = [lookAtProcesses(), lookAtProcesses(), lookAtProcesses()];
    const [first, ...others] = await Promise.all(looks);
    for (const other of others) strictEqual(other, first);
    ok(await lookAtProcesses() !== first);
  },
});
