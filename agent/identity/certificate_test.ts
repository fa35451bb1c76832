import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { join } from "node:path";
import { requirement } from "../../clusters/requirement.ts";
import { makeNodeIdentity, makeRunnerIdentity } from "./identity.ts";

const openssl = await requirement("openssl", async () => {
  await new Deno.Command("openssl", { args: ["version"], stdout: "null" }).output();
  return "openssl";
});

Deno.test("makeCertificate() makes certificates that count whatever the clocks say", () => {
  const { authority, certificate } = makeRunnerIdentity();
  const node = makeNodeIdentity();
  for (const pem of [authority, certificate, node.certificate]) {
    const { validFrom, validTo } = new X509Certificate(pem);
    assert.equal(new Date(validFrom).getUTCFullYear(), 1970);
    assert.equal(new Date(validTo).getUTCFullYear(), 2049);
  }
});

Deno.test("makeRunnerIdentity() makes another authority each time", () => {
  const [one, other] = [makeRunnerIdentity(), makeRunnerIdentity()];
  const certificate = new X509Certificate(one.certificate);
  assert.ok(certificate.verify(new X509Certificate(one.authority).publicKey));
  assert.ok(!certificate.verify(new X509Certificate(other.authority).publicKey));
});

Deno.test({
  name: "makeCertificate() makes certificates that OpenSSL accepts when it is strict",
  ignore: openssl === undefined,
  fn: async () => {
    const runner = makeRunnerIdentity();
    const node = makeNodeIdentity();
    assert.equal(await verify(runner.certificate, { by: runner.authority, for: "sslclient" }), "");
    assert.equal(await verify(node.certificate, { by: node.certificate, for: "sslserver" }), "");
    const wrong = await verify(runner.certificate, { by: runner.authority, for: "sslserver" });
    assert.match(wrong, /unsuitable certificate purpose/);
    const client = await verify(node.certificate, { by: node.certificate, for: "sslclient" });
    assert.match(client, /unsuitable certificate purpose/);
    const foreign = await verify(node.certificate, { by: runner.authority, for: "sslserver" });
    assert.match(foreign, /self[- ]signed certificate/);
  },
});

/** What OpenSSL has against a certificate; empty if it accepts it. */
async function verify(
  certificate: string,
  { by, for: purpose }: { by: string; for: string },
): Promise<string> {
  const dir = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(join(dir, "by.pem"), by);
    await Deno.writeTextFile(join(dir, "it.pem"), certificate);
    const { success, stderr } = await new Deno.Command("openssl", {
      args: ["verify", "-x509_strict", "-purpose", purpose, "-CAfile", "by.pem", "it.pem"],
      cwd: dir,
    }).output();
    return success ? "" : new TextDecoder().decode(stderr);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}
