import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { recordedOptions } from "./recorded_options.ts";
import { withoutCredentials } from "./without_credentials.ts";

Deno.test("recordedOptions() has what options say, and no secret of them", () => {
  const options = {
    ...{ image: "https://joe:hunter2@registry.test/etcd:3", cpus: 0.5, readOnlyRoot: true },
    ...{ platform: undefined, network: null, maxLife: Infinity, size: 5n, at: Symbol("x") },
    ...{ env: { TOKEN: "hunter2", LANG: "C" }, environment: ["TOKEN=hunter2\nhunter2", 3] },
    credentials: { username: "joe", password: "hunter2" },
    identity: { apiKey: "hunter2", accessKey: 7, sessionToken: "hunter2", name: "joe" },
    imagePullSecrets: ["registry"],
    volumes: { "/db": { secret: { secretName: "db" }, readOnly: true } },
    build: { context: new URL("file:///work/app"), args: { NPM_TOKEN: "hunter2" } },
    customize(request: object) {
      return request;
    },
    hook: () => "hunter2",
    ...{ signal: new AbortController().signal, seen: new Map([["password", "hunter2"]]) },
  };
  deepStrictEqual(recordedOptions(options), {
    ...{ image: "https://registry.test/etcd:3", cpus: 0.5, readOnlyRoot: true },
    ...{ network: null, maxLife: "Infinity", size: "5", at: "Symbol(x)" },
    ...{ env: ["LANG", "TOKEN"], environment: ["TOKEN", 3] },
    credentials: "[redacted]",
    identity: {
      apiKey: "[redacted]",
      accessKey: "[redacted]",
      sessionToken: "[redacted]",
      name: "joe",
    },
    imagePullSecrets: ["registry"],
    volumes: { "/db": { secret: { secretName: "db" }, readOnly: true } },
    build: { context: "file:///work/app", args: ["NPM_TOKEN"] },
    ...{ customize: "[function customize]", hook: "[function hook]" },
    ...{ signal: "[AbortSignal]", seen: "[Map]" },
  });
});

Deno.test("recordedOptions() has an end, whatever it is given", () => {
  const loop: Record<string, unknown> = { name: "x".repeat(5_000), ["__proto__x"]: 1 };
  loop.loops = Array.from({ length: 1_000 }, () => loop);
  const text = JSON.stringify(recordedOptions(loop));
  strictEqual(text.length < 600_000, true, `${text.length} characters`);
  const hostile = JSON.parse('{ "__proto__": { "image": "x" }, "constructor": 1 }');
  const recorded = recordedOptions(hostile);
  deepStrictEqual(Object.keys(recorded), ["__proto__", "constructor"]);
  strictEqual(recorded.image, undefined);
  const bare = Object.assign(Object.create(null), { env: { A: "hunter2" } });
  deepStrictEqual(recordedOptions({ bare }), { bare: { env: ["A"] } });
});

Deno.test("withoutCredentials() leaves of a URL what is no secret", () => {
  const texts = [
    ["ssh://joe@host:22", "ssh://host:22"],
    ["see https://a:b@c/d and tcp://e:f@g", "see https://c/d and tcp://g"],
    ["https://c/d?x=1&X-Amz-Signature=abc&y=2", "https://c/d?x=1&X-Amz-Signature=…&y=2"],
    ["https://c/d?access_token=abc#here", "https://c/d?access_token=…#here"],
    ["mail joe@c, and /a//b", "mail joe@c, and /a//b"],
  ];
  for (const [text, expected] of texts) strictEqual(withoutCredentials(text!), expected);
});
