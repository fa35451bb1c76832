import { deepStrictEqual, match, rejects } from "node:assert/strict";
import { requirement } from "../../../clusters/requirement.ts";
import { openHost, startEnrolled } from "../../testing/connected_agent.ts";

const setpriv = await requirement("privileges", async () => {
  const { success } = await new Deno.Command("setpriv", { args: ["--reuid=65534", "true"] })
    .output();
  if (!success) throw new Error("setpriv cannot change the user");
  return "setpriv";
});

/** Runs code on a host with fewer rights; resolves to the messages of the errors that it prints. */
async function messagesWith(
  rights: readonly string[],
  users: readonly string[],
): Promise<string[]> {
  const code = `import { LocalHost } from "${import.meta.resolve("../local_host.ts")}";
    const rootDir = await Deno.makeTempDir();
    const host = await LocalHost.open({ rootDir, env: { PATH: "/usr/bin:/bin" } });
    for (const user of Deno.args) {
      const error = await host.processes.start({ command: "touch", args: ["made"], user })
        .then(() => new Error("It was started"), (error) => error);
      console.log(error.name + ": " + error.message);
    }
    await host[Symbol.asyncDispose]();
    console.log([...Deno.readDirSync(rootDir)].length);`;
  const deno = [Deno.execPath(), "eval", "--no-config", code, ...users];
  const args = [...rights, ...deno];
  const env = { TMPDIR: "/tmp", DENO_DIR: await Deno.makeTempDir() };
  await Deno.chmod(env.DENO_DIR, 0o777);
  const { stdout, stderr } = await new Deno.Command("setpriv", { args, env }).output();
  await Deno.remove(env.DENO_DIR, { recursive: true });
  const lines = new TextDecoder().decode(stdout).trimEnd().split("\n");
  deepStrictEqual(lines.pop(), "0", new TextDecoder().decode(stderr));
  return lines;
}

Deno.test({
  name: "a host that is not root starts nothing for others, and says what to do",
  ignore: setpriv === undefined,
  fn: async () => {
    const rights = ["--reuid=65534", "--regid=65534", "--clear-groups"];
    for (const message of await messagesWith(rights, ["nobody", "0", "no-such-user", "65534"])) {
      match(
        message,
        /^PermissionDenied: Cannot start "touch" as "[\w-]+": the node starts processes as user 65534, and only root can start them as others\. On containers, take docker\(\{ user: "root" \}\); /,
      );
    }
  },
});

Deno.test({
  name: "a root without capabilities starts nothing for others, and names what is missing",
  ignore: setpriv === undefined,
  fn: async () => {
    for (const capability of ["SETGID", "SETUID"]) {
      const rights = [`--bounding-set=-${capability.toLowerCase()}`];
      const [message = ""] = await messagesWith(rights, ["nobody"]);
      match(message, new RegExp(`^PermissionDenied: .* as "nobody": .* capability ${capability}$`));
    }
  },
});

Deno.test({
  name: "an agent refuses users and owners that cannot be",
  fn: async () => {
    await using enrolled = await startEnrolled();
    await using host = await openHost(enrolled);
    for (const name of ["0:0:0", "4294967295", "a b", "-x", "x".repeat(600)]) {
      const message = /^Cannot accept the request: .*(user|owner) (must be|is not) /;
      const spec = { command: "true", args: [], user: name };
      await rejects(host.processes.start(spec), { name: "TypeError", message });
      const chown = host.files.call("chown", { path: ".", owner: name });
      await rejects(chown, { name: "TypeError", message });
    }
    // deno-lint-ignore no-explicit-any -- what a hostile runner sends
    const wrong = { command: "true", args: [], user: 0 } as any;
    await rejects(host.processes.start(wrong), TypeError);
  },
});
