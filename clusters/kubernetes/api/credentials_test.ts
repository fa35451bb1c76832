import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { CredentialSource } from "./credentials.ts";

/** A source for a user with these fields, and a cluster with those. */
function source(user: Record<string, unknown>, cluster: Record<string, unknown> = {}) {
  const server = new URL("https://one:6443");
  return new CredentialSource({
    access: {},
    server,
    namespace: "default",
    cluster: { name: "c", cluster: { server: server.href, ...cluster } },
    user: { name: "u", user },
    proxy: undefined,
  });
}

async function authorization(user: Record<string, unknown>): Promise<unknown> {
  return (await source(user).get()).headers.Authorization;
}

/** A plugin that counts its runs, and gives what `status` says. */
async function plugin(folder: string, status: unknown, more: Record<string, unknown> = {}) {
  const output = JSON.stringify({ kind: "ExecCredential", status });
  await Deno.writeTextFile(`${folder}/output`, output);
  const script = `echo run >> "$FOLDER/runs"; printf %s "$KUBERNETES_EXEC_INFO" > "$FOLDER/info"
    cat "$FOLDER/output"`;
  const env = [{ name: "FOLDER", value: folder }];
  return { exec: { command: "sh", args: ["-c", script], env, apiVersion: "v1", ...more } };
}

async function runs(folder: string): Promise<number> {
  return (await Deno.readTextFile(`${folder}/runs`)).split("\n").length - 1;
}

async function makeFolder(stack: AsyncDisposableStack): Promise<string> {
  const folder = await Deno.makeTempDir();
  stack.defer(() => Deno.remove(folder, { recursive: true }));
  return folder;
}

Deno.test("CredentialSource reads certificates, as data and from files", async () => {
  await using stack = new AsyncDisposableStack();
  const folder = await makeFolder(stack);
  await Deno.writeTextFile(`${folder}/key`, "the key");
  const user = {
    "client-certificate-data": btoa("the certificate"),
    "client-key": `${folder}/key`,
  };
  const cluster = {
    "certificate-authority-data": btoa("the authority"),
    "tls-server-name": "kubernetes",
    "insecure-skip-tls-verify": true,
  };
  deepStrictEqual(await source(user, cluster).get(), {
    headers: {},
    tls: {
      ca: "the authority",
      cert: "the certificate",
      key: "the key",
      servername: "kubernetes",
      rejectUnauthorized: false,
    },
  });
});

Deno.test("CredentialSource knows tokens, names with passwords, and whom one acts for", async () => {
  await using stack = new AsyncDisposableStack();
  const tokenFile = `${await makeFolder(stack)}/token`;
  await Deno.writeTextFile(tokenFile, "one\n");
  strictEqual(await authorization({ token: "t" }), "Bearer t");
  strictEqual(await authorization({ username: "a", password: "b" }), "Basic YTpi");
  const rotated = source({ tokenFile, token: "older" });
  strictEqual((await rotated.get()).headers.Authorization, "Bearer one");
  await Deno.writeTextFile(tokenFile, "two");
  strictEqual((await rotated.get()).headers.Authorization, "Bearer two");
  const acting = source({ as: "jane", "as-groups": ["a", "b"], "as-uid": "7" });
  deepStrictEqual((await acting.get()).headers, {
    "Impersonate-User": "jane",
    "Impersonate-Uid": "7",
    "Impersonate-Group": ["a", "b"],
  });
});

Deno.test("CredentialSource runs a plugin once for many calls, and again when its token ends", async () => {
  await using stack = new AsyncDisposableStack();
  const folder = await makeFolder(stack);
  const cluster = { "certificate-authority-data": "" };
  const user = await plugin(folder, { token: "t" }, { provideClusterInfo: true });
  const lasting = source(user, cluster);
  const got = await Promise.all([lasting.get(), lasting.get(), lasting.get()]);
  deepStrictEqual(got.map(({ headers }) => headers.Authorization), Array(3).fill("Bearer t"));
  strictEqual(await runs(folder), 1);
  deepStrictEqual(JSON.parse(await Deno.readTextFile(`${folder}/info`)), {
    apiVersion: "v1",
    kind: "ExecCredential",
    spec: { interactive: false, cluster: { server: "https://one:6443/", ...cluster } },
  });
  // A server that does not accept it makes it run again.
  lasting.forget();
  await lasting.get();
  strictEqual(await runs(folder), 2);
  const expirationTimestamp = new Date().toISOString();
  const ended = source(await plugin(folder, { token: "t", expirationTimestamp }));
  await ended.get();
  await ended.get();
  strictEqual(await runs(folder), 4);
});

Deno.test("CredentialSource takes certificates from a plugin", async () => {
  await using stack = new AsyncDisposableStack();
  const folder = await makeFolder(stack);
  const status = { clientCertificateData: "cert", clientKeyData: "key" };
  const { headers, tls } = await source(await plugin(folder, status)).get();
  deepStrictEqual([headers, tls.cert, tls.key], [{}, "cert", "key"]);
});

Deno.test("CredentialSource says what a plugin says, and how to get it", async () => {
  const cases: readonly [Record<string, unknown>, string][] = [
    [
      { command: "sh", args: ["-c", "echo first >&2; echo log in first >&2; exit 4"] },
      'credential plugin "sh" of user "u" failed: it exited with code 4: log in first. ' +
      "Install it, or log in again by what it belongs to",
    ],
    [
      { command: "/no/such/plugin", installHint: "Install it from here\nand there" },
      'credential plugin "/no/such/plugin" of user "u" failed: ' +
      "Failed to spawn '/no/such/plugin': No such file or directory (os error 2). " +
      "Install it from here",
    ],
    [
      { command: "echo", args: ["{}"] },
      'credential plugin "echo" of user "u" failed: it gives neither a token nor a certificate. ' +
      "Install it, or log in again by what it belongs to",
    ],
  ];
  for (const [exec, says] of cases) {
    await rejects(source({ exec }).get(), {
      name: "BackendUnusableError",
      message: `Cannot use backend "kubernetes": ${says}`,
    });
  }
  await rejects(
    source({ tokenFile: "/no/such/file" }).get(),
    /credentials of user "u" cannot be had/,
  );
  await rejects(
    source({ "auth-provider": { name: "gcp" } }).get(),
    /replaced by a credential plugin/,
  );
});

/** A token of OpenID Connect that ends at a time in seconds. */
function idToken(exp: number): string {
  return ["{}", JSON.stringify({ exp }), "signature"].map(btoa).join(".");
}

Deno.test("CredentialSource renews a token of OpenID Connect that has run out", async () => {
  const now = Date.now() / 1000;
  const asked: string[] = [];
  const answer = async (request: Request): Promise<Response> => {
    const { pathname, origin } = new URL(request.url);
    if (request.method === "GET") {
      asked.push(pathname);
      return Response.json({ token_endpoint: `${origin}/token` });
    }
    asked.push(`${request.headers.get("authorization")} ${await request.text()}`);
    return Response.json({ id_token: idToken(now + 3_600), refresh_token: "next" });
  };
  const { promise: listening, resolve } = Promise.withResolvers<number>();
  const onListen = ({ port }: Deno.NetAddr) => resolve(port);
  await using _server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen }, answer);
  const config = {
    "idp-issuer-url": `http://127.0.0.1:${await listening}/`,
    "client-id": "id",
    "client-secret": "secret",
    "id-token": idToken(now - 1),
    "refresh-token": "first",
  };
  const renewing = source({ "auth-provider": { name: "oidc", config } });
  const got = await Promise.all([renewing.get(), renewing.get()]);
  for (const { headers } of got) {
    strictEqual(headers.Authorization, `Bearer ${idToken(now + 3_600)}`);
  }
  deepStrictEqual(asked, [
    "/.well-known/openid-configuration",
    `Basic ${btoa("id:secret")} grant_type=refresh_token&refresh_token=first`,
  ]);
  const lasting = { ...config, "id-token": idToken(now + 60) };
  const token = await authorization({ "auth-provider": { name: "oidc", config: lasting } });
  strictEqual(token, `Bearer ${lasting["id-token"]}`);
  const ended = { "id-token": idToken(now - 1) };
  await rejects(authorization({ "auth-provider": { name: "oidc", config: ended } }), /run out/);
});
