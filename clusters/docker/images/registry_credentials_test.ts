import { deepStrictEqual, match, rejects, strictEqual } from "node:assert/strict";
import { Buffer } from "node:buffer";
import { join } from "node:path";
import type { RegistryCredentials } from "../docker_options.ts";
import { authHeader, findCredentials } from "./registry_credentials.ts";

/** A folder as the Docker command line keeps it, and programs that keep credentials. */
class Config implements AsyncDisposable {
  private constructor(readonly dir: string) {}

  static async make(config: object): Promise<Config> {
    const dir = await Deno.makeTempDir();
    await Deno.writeTextFile(join(dir, "config.json"), JSON.stringify(config));
    return new Config(dir);
  }

  async program(name: string, script: string): Promise<void> {
    const path = join(this.dir, `docker-credential-${name}`);
    await Deno.writeTextFile(path, `#!/bin/sh\n${script}`, { mode: 0o755 });
  }

  /** Looks for credentials in a process that has the programs in its PATH. */
  async find(registry: string): Promise<RegistryCredentials | undefined> {
    const module = import.meta.resolve("./registry_credentials.ts");
    const code = `import { findCredentials } from ${JSON.stringify(module)};
      const found = await findCredentials(${JSON.stringify(registry)}, ${JSON.stringify(this.dir)});
      console.log(JSON.stringify(found ?? null));`;
    const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["eval", "--ext=ts", code],
      cwd: import.meta.dirname,
      env: { PATH: `${this.dir}:${Deno.env.get("PATH")}` },
    }).output();
    if (!success) throw new Error(new TextDecoder().decode(stderr));
    return JSON.parse(new TextDecoder().decode(stdout)) ?? undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.dir, { recursive: true });
  }
}

const me = { username: "me", password: "pass:word" };
const auth = Buffer.from("me:pass:word").toString("base64");

Deno.test("findCredentials() finds what the file has", async () => {
  await using config = await Config.make({
    auths: {
      "here:5000": { auth },
      "https://there": { username: "me", password: "pass:word" },
      "token": { auth, identitytoken: "xyz" },
      "https://index.docker.io/v1/": { auth },
      "empty": {},
    },
  });
  deepStrictEqual(await findCredentials("here:5000", config.dir), me);
  deepStrictEqual(await findCredentials("there", config.dir), me);
  deepStrictEqual(await findCredentials("token", config.dir), { identityToken: "xyz" });
  deepStrictEqual(await findCredentials("docker.io", config.dir), me);
  strictEqual(await findCredentials("empty", config.dir), undefined);
  strictEqual(await findCredentials("elsewhere", config.dir), undefined);
});

Deno.test("findCredentials() finds none where there is no file", async () => {
  strictEqual(await findCredentials("here", "/does/not/exist"), undefined);
});

Deno.test("findCredentials() asks the program that keeps a registry's credentials", async () => {
  await using config = await Config.make({
    auths: { "here": { auth } },
    credHelpers: { "token.example": "tokens" },
    credsStore: "store",
  });
  await config.program("tokens", `echo '{"Username":"<token>","Secret":"xyz"}'`);
  await config.program(
    "store",
    `read server; test "$1" = get || exit 3
     if [ "$server" = known ]; then echo '{"Username":"me","Secret":"pass:word"}'
     else echo credentials not found in native keychain; exit 1; fi`,
  );
  deepStrictEqual(await config.find("token.example"), { identityToken: "xyz" });
  deepStrictEqual(await config.find("known"), me);
  deepStrictEqual(await config.find("here"), me);
  strictEqual(await config.find("unknown"), undefined);
});

Deno.test("findCredentials() rejects when a program fails, or is not there", async () => {
  await using config = await Config.make({ credHelpers: { bad: "bad", none: "none" } });
  await config.program("bad", "echo the keychain is locked >&2; exit 1");
  await rejects(config.find("bad"), /"docker-credential-bad": the keychain is locked/);
  await rejects(config.find("none"), /Cannot run "docker-credential-none", which the Docker/);
});

Deno.test("authHeader() is URL-safe base64 with padding, as engines decode it", () => {
  const header = authHeader("here", { username: "ü?>", password: "~~~" });
  match(header, /^[\w-]+=*$/);
  strictEqual(header.length % 4, 0);
  const content = JSON.parse(Buffer.from(header, "base64url").toString());
  deepStrictEqual(content, { username: "ü?>", password: "~~~", serveraddress: "here" });
});
