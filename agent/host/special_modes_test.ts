import { runUnprivileged } from "../testing/unprivileged.ts";

Deno.test({
  name: "write() leaves a file with the mode that is asked for, also to who has no privilege",
  // Elsewhere nobody's power can be taken away.
  ignore: Deno.build.os !== "linux",
  async fn() {
    const dir = await Deno.makeTempDir();
    const code = `
      import { LocalHost } from "${import.meta.resolve("./local_host.ts")}";
      const [dir] = Deno.args;
      await using host = await LocalHost.open({ rootDir: dir, env: {} });
      for (const mode of [0o6755, 0o1644, 0o4711]) {
        const file = await host.files.write("file", { mode });
        const writer = file.getWriter();
        await writer.write(new TextEncoder().encode("content"));
        await writer.close();
        const seen = (await Deno.stat(dir + "/file")).mode & 0o7777;
        if (seen !== mode) throw new Error("It has " + seen.toString(8));
      }`;
    try {
      await runUnprivileged(code, [dir]);
    } finally {
      await Deno.remove(dir, { recursive: true });
    }
  },
});
