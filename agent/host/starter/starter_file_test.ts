import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { requirement } from "../../../clusters/requirement.ts";
import { openLibc } from "./libc.ts";
import { openStarterFile } from "./starter_file.ts";

const ignore = Deno.build.os !== "linux";

const sysctl = await requirement("vm.memfd_noexec", async () => {
  if (ignore) throw new Error(`this is ${Deno.build.os}`);
  // It belongs to a namespace of processes. Kernels before 6.3 do not have it.
  const script = "echo 2 >/proc/sys/vm/memfd_noexec";
  const { success, stderr } = await isolated(["sh", "-c", script]).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr).trim());
  return script;
});

function isolated(command: readonly string[]): Deno.Command {
  return new Deno.Command("unshare", { args: ["--pid", "--fork", "--mount-proc", ...command] });
}

/** What `openStarterFile()` brought: whether it can be run, and what it is. */
async function opened(folder: string): Promise<{ code: number; target: string } | undefined> {
  const libc = openLibc();
  ok(libc);
  try {
    using file = await openStarterFile(libc, folder);
    if (!file) return undefined;
    const { code } = await new Deno.Command(file.path).output();
    return { code, target: await Deno.readLink(file.path) };
  } finally {
    libc.close();
  }
}

Deno.test({
  name: "the starter is in memory, and its folder need not be there",
  ignore,
  fn: async () => {
    const { code, target } = (await opened("/no/such/folder"))!;
    strictEqual(code, 125);
    ok(target.startsWith("/memfd:clustertest-starter"), target);
  },
});

Deno.test({
  name: "the starter is in its folder, without a name, where memory cannot be executed",
  ignore: sysctl === undefined,
  fn: async () => {
    const folder = await Deno.makeTempDir();
    try {
      const [libc, file] = ["libc.ts", "starter_file.ts"].map((name) =>
        new URL(name, import.meta.url).href
      );
      const code = `import { openLibc } from ${JSON.stringify(libc)};
        import { openStarterFile } from ${JSON.stringify(file)};
        const opened = async (folder) => {
          using file = await openStarterFile(openLibc(), folder);
          return file && [(await new Deno.Command(file.path).output()).code, Deno.readLinkSync(file.path)];
        };
        const folders = ["/no/such/folder", ${JSON.stringify(folder)}];
        console.log(JSON.stringify(await Promise.all(folders.map(opened))));`;
      await Deno.writeTextFile(`${folder}/main.ts`, code);
      const main = `${sysctl}; exec "$@"`;
      const run = [Deno.execPath(), "run", "-A", "--no-check", `${folder}/main.ts`];
      const { stdout, stderr } = await isolated(["sh", "-c", main, "sh", ...run]).output();
      const [none, [status, target]] = JSON.parse(new TextDecoder().decode(stdout) || "[0, []]");
      deepStrictEqual([none, status], [null, 125], new TextDecoder().decode(stderr));
      ok(target.startsWith(`${folder}/.starter-`) && target.endsWith(" (deleted)"), target);
      const left = (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name);
      deepStrictEqual(left, ["main.ts"]);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});
