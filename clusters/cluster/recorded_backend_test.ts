import { deepStrictEqual, doesNotMatch, strictEqual } from "node:assert/strict";
import { composed } from "../composed/mod.ts";
import { docker } from "../docker/mod.ts";
import { ec2 } from "../ec2/mod.ts";
import type { Backend } from "../kit/mod.ts";
import { kubernetes } from "../kubernetes/mod.ts";
import { local } from "../local/mod.ts";
import { Cluster } from "./cluster.ts";
import { recordedBackend, recordedNodeOptions } from "./recorded_backend.ts";

const SECRET = "hunter2";

/** Each backend with options, and some of what the record is to have of them. */
const BACKENDS: readonly (readonly [Backend<never>, Record<string, unknown>])[] = [
  [local({ dangerouslyAllowHostPaths: true }), { dangerouslyAllowHostPaths: true }],
  [
    docker({
      ...{ host: `tcp://joe:${SECRET}@engine.test:2375`, memory: "512m", cpus: 2 },
      image: { context: ".", args: { TOKEN: SECRET } },
      credentials: { username: "joe", password: SECRET },
      env: { TOKEN: SECRET },
      customize: () => {},
    }),
    {
      ...{ host: "tcp://engine.test:2375", memory: "512m", cpus: 2 },
      image: { context: Deno.cwd(), args: ["TOKEN"] },
      ...{ credentials: "[redacted]", env: ["TOKEN"], customize: "[function customize]" },
    },
  ],
  [
    ec2({
      ...{ region: "eu-central-1", instanceType: "m7g.large", ami: "ami-1" },
      credentials: { accessKeyId: SECRET, secretAccessKey: SECRET },
      prices: { "m7g.large": 0.08 },
    }),
    {
      ...{ region: "eu-central-1", instanceType: "m7g.large", ami: "ami-1" },
      ...{ credentials: "[redacted]", prices: { "m7g.large": 0.08 }, maxNodes: 100 },
    },
  ],
  [
    kubernetes({
      ...{ image: `https://joe:${SECRET}@registry.test/db`, namespace: "tests", memory: "1g" },
      ...{ env: { TOKEN: SECRET }, imagePullSecrets: ["registry"], helperImage: "busybox" },
    }),
    {
      ...{ image: "https://registry.test/db", namespace: "tests", memory: "1g" },
      ...{ env: ["TOKEN"], imagePullSecrets: ["registry"], helperImage: "busybox" },
    },
  ],
];

Deno.test("recordedBackend() has the options of each backend, and no secret of them", () => {
  for (const [backend, expected] of BACKENDS) {
    const { name, options } = recordedBackend(backend);
    const known = Object.keys(expected).map((key) => [key, options[key]]);
    deepStrictEqual(Object.fromEntries(known), expected, name);
    doesNotMatch(JSON.stringify(options), new RegExp(SECRET));
  }
});

Deno.test("recordedBackend() has the members of a composed backend, by their names", () => {
  const [[here], [box]] = BACKENDS as [typeof BACKENDS[0], typeof BACKENDS[0]];
  deepStrictEqual(recordedBackend(composed({ here, box })), {
    ...{ name: "composed", options: {} },
    members: { here: recordedBackend(here), box: recordedBackend(box) },
  });
});

Deno.test("recordedBackend() takes the recipe of a backend that has no options, whatever it is", () => {
  const backend = { ...local(), name: "own", options: undefined } as unknown as Backend;
  const optionsOf = (options: unknown) =>
    recordedBackend({ ...backend, recipe: { module: "file:///own.ts", options } }).options;
  deepStrictEqual(optionsOf({ zone: "a", token: SECRET }), { zone: "a", token: "[redacted]" });
  for (const odd of [undefined, null, 7, "text"]) deepStrictEqual(optionsOf(odd), {});
});

Deno.test("recordedNodeOptions() has what is a node's own besides its name, if there is anything", () => {
  strictEqual(recordedNodeOptions({ name: "one", in: "box" } as object), undefined);
  strictEqual(recordedNodeOptions({ env: undefined }), undefined);
  const { signal } = new AbortController();
  const given = { name: "one", env: { TOKEN: SECRET }, memory: "1g", signal };
  deepStrictEqual(recordedNodeOptions(given), { env: ["TOKEN"], memory: "1g" });
});

Deno.test("a node's own options are in its event, and no secret of them", async () => {
  await using cluster = await Cluster.create(local());
  const options: unknown[] = [];
  using _options = cluster.events.subscribe((event) => {
    if (event.type === "node-ready") options.push(event.options);
  });
  await cluster.addNodes([{ env: { TOKEN: SECRET } }, {}]);
  deepStrictEqual(options, [{ env: ["TOKEN"] }, undefined]);
});
