import assert from "node:assert/strict";
import { join } from "node:path";
import { makeRunnerIdentity } from "./identity/identity.ts";
import { readLaunchDocument } from "./launch_document.ts";

const token = "5ec2e7".repeat(8);
const { authority: caCertificate } = makeRunnerIdentity();

Deno.test("readLaunchDocument() removes the file that it has read", async () => {
  const launch = { caCertificate, token, env: { NAME: "value" } };
  assert.deepEqual(await read(JSON.stringify(launch)), launch);
});

const WRONG: Readonly<Record<string, readonly [document: unknown, reason: RegExp]>> = {
  "something else": [`"${token}" and more`, /: it is not JSON$/],
  "nothing": ["", /: it is not JSON$/],
  "no authority": [{ token }, /the launch document\.caCertificate is not a string/],
  "no token": [{ caCertificate }, /the launch document\.token is not a string/],
  "a short token": [{ caCertificate, token: "short" }, /: "token" has less than 16 characters$/],
  "more than there is": [{ caCertificate, token, more: 1 }, /document\.more is not known$/],
};

for (const [what, [document, message]] of Object.entries(WRONG)) {
  Deno.test(`readLaunchDocument() rejects and shows no secret when given ${what}`, async () => {
    const content = typeof document === "string" ? document : JSON.stringify(document);
    await assert.rejects(read(content), (error: Error) => {
      assert.match(error.message, /^Cannot read the launch document: [^\n]+$/);
      assert.match(error.message, message);
      assert.ok(!error.message.includes(token), error.message);
      return true;
    });
  });
}

Deno.test("readLaunchDocument() rejects when the file is missing", async () => {
  await assert.rejects(readLaunchDocument("/nowhere/launch.json"), {
    message: /^Cannot read the launch document: No such file /,
  });
});

/** Reads a file with this content, and makes sure that it is gone. */
async function read(content: string): Promise<unknown> {
  const dir = await Deno.makeTempDir();
  const file = join(dir, "launch.json");
  try {
    await Deno.writeTextFile(file, content);
    return await readLaunchDocument(file);
  } finally {
    await assert.rejects(Deno.stat(file), Deno.errors.NotFound);
    await Deno.remove(dir, { recursive: true });
  }
}
