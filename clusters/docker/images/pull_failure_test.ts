import { match } from "node:assert/strict";
import { explainPullFailure } from "./pull_failure.ts";

const reference = { registry: "here:5000", name: "here:5000/thing", tag: "1" };

/** What engines and registries were seen to say, and what that means. */
const sayings: [string, RegExp][] = [
  ['Get "http://here:5000/v2/": dial tcp 127.0.0.1:1: connect: connection refused', /be reached/],
  ['Get "https://here:5000/v2/": dial tcp: lookup here on 1.1.1.1:53: no such host', /be reached/],
  ['Get "https://here:5000/v2/": net/http: request canceled (Client.Timeout exceeded)', /reached/],
  ['Get "https://here:5000/v2/": x509: certificate signed by unknown authority', /be reached/],
  ["http: server gave HTTP response to HTTPS client", /be reached/],
  ["manifest unknown", /has no image "here:5000\/thing:1"/],
  ["manifest for here:5000/thing:1 not found: manifest unknown: manifest unknown", /has no image/],
  ["repository here:5000/thing not found: name unknown: repository not known", /has no image/],
  ['Head "http://here:5000/v2/thing/manifests/1": no basic auth credentials', /docker login/],
  ["unauthorized: authentication required", /gives no permission: no credentials were found/],
  [
    "pull access denied for thing, repository does not exist or may require 'docker login': denied",
    /gives no permission \(or there is no such image\)/,
  ],
  ["no matching manifest for linux/amd64 in the manifest list entries", /no such image for linux/],
  ["write /var/lib/docker/x: no space left on device", /^write .*no space left/],
];

for (const [said, meaning] of sayings) {
  Deno.test(`explainPullFailure() explains "${said.slice(0, 50)}"`, () => {
    const options = { withCredentials: false, platform: "linux/amd64" };
    match(explainPullFailure(said, reference, options), meaning);
  });
}

Deno.test("explainPullFailure() says so when it were the credentials", () => {
  const said = explainPullFailure("unauthorized", reference, { withCredentials: true });
  match(said, /these credentials may not read "here:5000\/thing"/);
});
