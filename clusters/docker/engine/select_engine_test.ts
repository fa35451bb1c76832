import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { formatEndpoint, type TcpEndpoint } from "./endpoint.ts";
import { configDir, findCandidates, selectEngine } from "./select_engine.ts";

/** A home with a configuration of the Docker command line in it. */
class Home implements AsyncDisposable {
  private constructor(readonly path: string) {}

  static async make(): Promise<Home> {
    return new Home(await Deno.makeTempDir());
  }

  async config(content: object): Promise<void> {
    await this.#write(".docker/config.json", content);
  }

  async context(name: string, endpoint: object, files: string[] = []): Promise<void> {
    const id = createHash("sha256").update(name).digest("hex");
    const content = { Name: name, Endpoints: { docker: endpoint } };
    await this.#write(`.docker/contexts/meta/${id}/meta.json`, content);
    for (const file of files) await this.#write(`.docker/contexts/tls/${id}/docker/${file}`, {});
  }

  async #write(path: string, content: object): Promise<void> {
    const file = join(this.path, path);
    await Deno.mkdir(join(file, ".."), { recursive: true });
    await Deno.writeTextFile(file, JSON.stringify(content));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.path, { recursive: true });
  }
}

async function only(
  env: Record<string, string>,
  asked: { host?: string; context?: string } = {},
): Promise<string> {
  const candidates = await findCandidates({ env, ...asked });
  strictEqual(candidates.length, 1);
  return formatEndpoint(await candidates[0]!.endpoint());
}

Deno.test("selectEngine() makes paths absolute, for processes in other folders", () => {
  const { certPath } = selectEngine({ host: "tcp://there", certPath: "./certs" });
  strictEqual(certPath, join(Deno.cwd(), "certs"));
});

Deno.test("findCandidates() prefers what was asked for, then DOCKER_HOST, then contexts", async () => {
  await using home = await Home.make();
  await home.config({ currentContext: "current" });
  await home.context("current", { Host: "tcp://current:1" });
  await home.context("named", { Host: "tcp://named:2" });
  const env = { HOME: home.path };
  const named = { ...env, DOCKER_CONTEXT: "named" };
  const both = { ...named, DOCKER_HOST: "ssh://me@there" };
  strictEqual(await only(env), "tcp://current:1");
  strictEqual(await only(named), "tcp://named:2");
  strictEqual(await only(both), "ssh://me@there");
  strictEqual(await only(both, { context: "current" }), "tcp://current:1");
  strictEqual(await only(both, { host: "unix:///x" }), "unix:///x");
});

Deno.test("findCandidates() knows the usual sockets when nobody says anything", async () => {
  await using home = await Home.make();
  const env = { HOME: home.path, XDG_RUNTIME_DIR: "/run/user/7" };
  const candidates = await findCandidates({ env });
  const addresses = await Promise.all(candidates.map((each) => each.endpoint()));
  deepStrictEqual(addresses.map(formatEndpoint), [
    "unix:///var/run/docker.sock",
    "unix:///run/user/7/docker.sock",
    `unix://${home.path}/.docker/run/docker.sock`,
    `unix://${home.path}/.docker/desktop/docker.sock`,
  ]);
});

Deno.test('findCandidates() takes the context "default" for the usual socket', async () => {
  await using home = await Home.make();
  await home.config({ currentContext: "other" });
  const env = { HOME: home.path };
  strictEqual(await only(env, { context: "default" }), "unix:///var/run/docker.sock");
  strictEqual(
    (await findCandidates({ env: { ...env, DOCKER_CONTEXT: "default" } })).length > 1,
    true,
  );
});

const tlsCases: [Record<string, string>, TcpEndpoint["tls"]][] = [
  [{}, undefined],
  [{ DOCKER_CERT_PATH: "/certs" }, undefined],
  [{ DOCKER_TLS_VERIFY: "1", DOCKER_CERT_PATH: "/certs" }, { dir: "/certs", verify: true }],
  [{ DOCKER_TLS_VERIFY: "1" }, { dir: "/home/.docker", verify: true }],
  [{ DOCKER_TLS: "1", DOCKER_CONFIG: "/config" }, { dir: "/config", verify: false }],
];

for (const [env, tls] of tlsCases) {
  Deno.test(`findCandidates() reads TLS from ${JSON.stringify(env)}`, async () => {
    const [candidate] = await findCandidates({
      env: { HOME: "/home", DOCKER_HOST: "tcp://x:1", ...env },
    });
    deepStrictEqual((await candidate!.endpoint() as TcpEndpoint).tls, tls);
  });
}

Deno.test("findCandidates() gives a context its own certificates", async () => {
  await using home = await Home.make();
  await home.context("tls", { Host: "tcp://x:1" }, ["ca.pem", "cert.pem", "key.pem"]);
  await home.context("unsafe", { Host: "tcp://x:1", SkipTLSVerify: true });
  const selection = { env: { HOME: home.path } };
  const tlsOf = async (context: string): Promise<TcpEndpoint["tls"]> => {
    const [candidate] = await findCandidates({ ...selection, context });
    return (await candidate!.endpoint() as TcpEndpoint).tls;
  };
  const tls = await tlsOf("tls");
  strictEqual(tls?.verify, true);
  strictEqual(tls.dir.startsWith(configDir(selection)), true);
  strictEqual((await tlsOf("unsafe"))?.verify, false);
});

Deno.test("findCandidates() gives a candidate that says so when a context does not exist", async () => {
  await using home = await Home.make();
  const [candidate] = await findCandidates({ env: { HOME: home.path }, context: "nope" });
  await rejects(candidate!.endpoint(), /Cannot use the Docker context "nope": there is no/);
});
