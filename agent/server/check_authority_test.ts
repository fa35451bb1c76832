import assert from "node:assert/strict";
import { makeNodeIdentity, makeRunnerIdentity } from "../identity/identity.ts";
import { checkAuthority } from "./check_authority.ts";

const WRONG: Readonly<Record<string, string>> = {
  "nothing": "",
  "garbage": "5ec2e7",
  "the certificate of no authority": makeNodeIdentity().certificate,
};

for (const [what, pem] of Object.entries(WRONG)) {
  Deno.test(`checkAuthority() throws one line, and does not show it, when given ${what}`, () => {
    assert.throws(() => checkAuthority(pem), (error: Error) => {
      assert.match(
        error.message,
        /^Cannot read the launch document: "caCertificate" is not [^\n]+$/,
      );
      assert.ok(pem === "" || !error.message.includes(pem));
      return true;
    });
  });
}

Deno.test("checkAuthority() accepts the certificate of an authority", () => {
  checkAuthority(makeRunnerIdentity().authority);
});
