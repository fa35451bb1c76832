import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { lookAtProcesses, ownStart } from "./process_table.ts";

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

Deno.test({
  name:
    "lookAtProcesses() tells the variables and folders of what is not older than it is asked for",
  ignore,
  fn: async () => {
    const child = new Deno.Command("sleep", {
      args: ["100"],
      cwd: "/",
      env: { LOOKED_AT: "yes" },
    }).spawn();
    const childIn = async (since: number | undefined) => {
      const { environment, folders, parent } = (await lookAtProcesses({ since }))
        .find(({ pid }) => pid === child.pid)!;
      return { isKnown: environment.includes("\0LOOKED_AT=yes\0"), folders, parent };
    };
    const whole = { isKnown: true, folders: ["/", "/"], parent: Deno.pid };
    deepStrictEqual(await childIn(ownStart()), whole);
    deepStrictEqual(await childIn(undefined), whole);
    deepStrictEqual(await childIn(Infinity), { isKnown: false, folders: [], parent: Deno.pid });
    // One look for both, so it is about what the more demanding of them has asked for.
    const [both] = await Promise.all([childIn(Infinity), childIn(ownStart())]);
    deepStrictEqual(both, whole);
    child.kill("SIGKILL");
    await child.status;
  },
});

Deno.test({
  name: "ownStart() is later than that of the machine's first process, and earlier than a child's",
  ignore,
  fn: async () => {
    const startOf = async (pid: number) =>
      Number((await Deno.readTextFile(`/proc/${pid}/stat`)).replace(/.*\) /s, "").split(" ")[19]);
    const child = new Deno.Command("sleep", { args: ["100"] }).spawn();
    ok(ownStart() > await startOf(1));
    ok(ownStart() <= await startOf(child.pid));
    child.kill("SIGKILL");
    await child.status;
  },
});
