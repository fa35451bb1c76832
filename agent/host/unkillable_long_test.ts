import assert from "node:assert/strict";
import { requirement } from "../../clusters/requirement.ts";

import { openHost, startEnrolled } from "../testing/connected_agent.ts";
import { Freezer } from "../testing/freezer.ts";
import { LocalHost } from "./local_host.ts";
import { killStrays } from "./stray_processes.ts";

const freezer = await requirement("freezer", async () => await Freezer.check());

const privileges = await requirement("privileges", async () => {
  const args = ["--bounding-set=-kill", "--reuid=65534", "true"];
  const { success } = await new Deno.Command("setpriv", { args }).output();
  if (!success) throw new Error("setpriv cannot change the user");
  return "setpriv";
});

/** What an agent lacks that is not root. */
const WITHOUT_ROOT = ["setpriv", "--bounding-set=-kill,-sys_ptrace"];

Deno.test({
  name: "the end of a process, and of its host, has a deadline and says what stays",
  ignore: freezer === undefined,
  fn: async () => {
    const rootDir = await Deno.makeTempDir();
    const host = await LocalHost.open({ rootDir, env: { PATH: "/usr/bin:/bin" } });
    const process = await host.processes.start({ command: "sleep", args: ["1000"] });
    const stays = new RegExp(
      `^Cannot kill the processes ${process.pid} "sleep" \\(in a call of the system that does not return\\): they do not end$`,
    );
    {
      await using _ = await Freezer.freeze(process.pid);
      await assert.rejects(() => process[Symbol.asyncDispose]() as Promise<void>, {
        message: stays,
      });
      const { errors } = await rejection<AggregateError>(host[Symbol.asyncDispose]());
      assert.match(errors[0].message, stays);
    }
    assert.equal((await process.status).signal, "SIGKILL");
    await Deno.remove(rootDir, { recursive: true });
  },
});

Deno.test({
  name: "an agent says which processes of another user it could not kill",
  ignore: privileges === undefined,
  fn: async () => {
    await using enrolled = await startEnrolled({ wrapper: WITHOUT_ROOT });
    await using host = await openHost(enrolled);
    const sleep = "setpriv --reuid=65534 sh -c 'echo; exec sleep 1000'";
    const args = (script: string) => ["-c", script];
    const direct = await host.processes.start({ command: "sh", args: args(`exec ${sleep}`) });
    const inGroup = await host.processes.start({ command: "sh", args: args(`${sleep} & wait`) });
    // Only once one has written, it is another user's.
    for (const { stdout } of [direct, inGroup]) await stdout.getReader().read();
    try {
      // Each of them takes as long as is waited for the end of a process.
      await Promise.all([direct, inGroup].map(async (process) => {
        await assert.rejects(() => process[Symbol.asyncDispose]() as Promise<void>, {
          message: /^Cannot kill the processes \d+ "\w+" \(of user 65534\): they do not end$/,
        });
      }));
      const { message } = await rejection<Error>(host.processes.kill());
      assert.match(message, /^Cannot kill the processes .*"\w+" \(of user 65534\)/);
    } finally {
      for (const process of [direct, inGroup]) Deno.kill(-process.pid, "SIGKILL");
    }
  },
});

Deno.test({
  name: "killStrays() has an end, though there are always others",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    const marker = { CLUSTERTEST_NODE: crypto.randomUUID() };
    const children: Deno.ChildProcess[] = [];
    // This process is none of them, so that what it starts is not stopped with it.
    const start = () =>
      void children.push(new Deno.Command("sleep", { args: ["1000"], env: marker }).spawn());
    start();
    {
      using _ = beforeEachKill(start);
      await assert.rejects(killStrays({ marker }), {
        message: /^Cannot kill the processes .*: they do not end$/,
      });
    }
    await killStrays({ marker });
    await Promise.all(children.map(({ status }) => status));
  },
});

/** Does something whenever this process kills another one, before that. */
function beforeEachKill(act: () => void): Disposable {
  const { kill } = Deno;
  Deno.kill = (pid, signal) => {
    if (signal === "SIGKILL") act();
    kill(pid, signal);
  };
  return { [Symbol.dispose]: () => void (Deno.kill = kill) };
}

async function rejection<E>(promise: Promise<unknown>): Promise<E> {
  return await promise.then(() => assert.fail("it did not reject"), (error) => error as E);
}
