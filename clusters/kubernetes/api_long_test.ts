/**
 * Access to a real cluster.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert/strict";
import { Fleet } from "../../agent/client/fleet.ts";
import { eventually } from "../waiting/mod.ts";
import { KubeApi } from "./api/mod.ts";
import { CallJournal } from "./testing/call_journal.ts";
import { haveCluster } from "./testing/cluster.ts";
import { TestNamespace } from "./testing/namespace.ts";
import { TestKubeconfig } from "./testing/test_kubeconfig.ts";

const ignore = !await haveCluster();

const never = (): AbortSignal => new AbortController().signal;

/** Milliseconds in which a busy machine has done what takes an idle one no time. */
const SECONDS = 90_000;

/** Listens in a pod, and sends back what comes. */
const ECHO = `use IO::Socket::INET;
my $server = IO::Socket::INET->new(Listen => 5, LocalAddr => "127.0.0.1", LocalPort => 7777)
  or die $!;
while (my $client = $server->accept) {
  next if fork;
  while (sysread($client, my $bytes, 65536)) { syswrite($client, $bytes) }
  exit;
}`;

Deno.test({
  name: "KubeApi creates, finds, changes, follows and deletes objects of a cluster",
  ignore,
  fn: async () => {
    await using namespace = await TestNamespace.make();
    const { api } = namespace;
    const signal = never();
    const labels = { test: "yes" };
    const manifest = { metadata: { name: "one", labels }, data: { a: "1" } };
    const seen: string[] = [];
    const selection = { labelSelector: "test=yes", signal };
    const { promise: watches, resolve: watching } = Promise.withResolvers<void>();
    const following = (async () => {
      for await (const { type, object } of api.watch("configmaps", selection)) {
        watching();
        const { name } = object.metadata;
        if (name === "one") seen.push(`${type} ${name}`);
        if (type === "DELETED" && name === "one") break;
      }
    })();
    // What is done before the watch has begun is not seen by it.
    await api.create("configmaps", { metadata: { name: "before", labels } }, { signal });
    await watches;
    await api.create("configmaps", manifest, { signal });
    await rejects(api.create("configmaps", manifest, { signal }), { reason: "AlreadyExists" });
    const patch = { data: { a: null, b: "2" } };
    const patched = await api.patch<{ data: unknown }>("configmaps", {
      name: "one",
      patch,
      signal,
    });
    deepStrictEqual(patched.data, { b: "2" });
    const { items } = await api.list<{ data: unknown }>("configmaps", selection);
    deepStrictEqual(items.map(({ data }) => data), [undefined, { b: "2" }]);
    await api.deleteCollection("configmaps", { labelSelector: "test=yes", signal });
    await following;
    strictEqual(await api.get("configmaps", "one", { signal }), undefined);
    await api.delete("configmaps", "one", { signal });
    deepStrictEqual(seen, ["ADDED one", "MODIFIED one", "DELETED one"]);
  },
});

Deno.test({
  name: "KubeApi runs commands in a pod, and connects to its loopback",
  ignore,
  fn: async () => {
    await using namespace = await TestNamespace.make();
    const { api } = namespace;
    await namespace.pod("echo", ["perl", "-e", ECHO]);
    const signal = never();
    const at = { pod: "echo", container: "main", signal };
    // Its container runs before it listens.
    const listens = "until grep -q ' 0100007F:1E61 .* 0A ' /proc/net/tcp; do sleep 0.1; done";
    await api.exec({ ...at, command: ["sh", "-c", listens] });
    const script = "echo out; echo err >&2; exit 3";
    const failed = await api.exec({ ...at, command: ["sh", "-c", script] });
    deepStrictEqual(failed, { code: 3, stdout: "out\n", stderr: "err\n" });
    const stdin = crypto.getRandomValues(new Uint8Array(60_000));
    const command = ["sh", "-c", `head -c ${stdin.length} | sha256sum`];
    const { stdout } = await api.exec({ ...at, command, stdin });
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", stdin)).toHex();
    strictEqual(stdout.split(" ")[0], digest);
    await rejects(api.exec({ ...at, container: "none", command }), /container none is not valid/);

    const connection = await api.dial({ pod: "echo", port: 7777, signal });
    const writer = connection.writable.getWriter();
    const back = take(connection.readable, 16 * stdin.length);
    for (let round = 0; round < 16; round++) await writer.write(stdin);
    const sent = new Uint8Array(await new Blob(Array(16).fill(stdin)).arrayBuffer());
    strictEqual(Buffer.compare(await back, sent), 0);
    await connection.reset(new Error("enough"));
    const nobody = await api.dial({ pod: "echo", port: 7778, signal });
    await rejects(nobody.readable.getReader().read(), /what leads to the port has failed/);
    await rejects(api.dial({ pod: "none", port: 1, signal }), /pods "none" not found/);
  },
});

/** The first `count` bytes. */
async function take(
  readable: ReadableStream<Uint8Array<ArrayBuffer>>,
  count: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(count);
  const reader = readable.getReader();
  for (let filled = 0; filled < count;) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`The connection has ended after ${filled} bytes`);
    bytes.set(value, filled);
    filled += value.length;
  }
  return bytes;
}

Deno.test({
  name: "what a pod does not answer is the cause of an agent that is not reached",
  ignore,
  fn: async () => {
    await using namespace = await TestNamespace.make();
    await namespace.pod("idle", ["sleep", "1000"]);
    await using journal = await CallJournal.open();
    const access = { server: journal.server, namespace: namespace.name };
    await using kubeconfig = await TestKubeconfig.write(access);
    using api = await KubeApi.open({ kubeconfig: kubeconfig.path }, { signal: never() });
    await using fleet = Fleet.create({ heartbeat: { interval: 100, timeout: 10_000 } });
    using launch = fleet.launch();
    const end = new AbortController();
    const route = api.forward({ pod: "idle", port: 7777 });
    const connecting = rejects(launch.connect(route, { signal: end.signal }), (error: Error) => {
      match(String(error.cause), /pod "idle": what leads to the port has failed.*refused/s);
      return true;
    });
    // The second attempt begins once the first one has failed.
    const attempts = () => journal.counts.get("get pods/portforward") ?? 0;
    await eventually(() => ok(attempts() > 1), { timeout: SECONDS });
    end.abort(new Error("enough"));
    await connecting;
  },
});

Deno.test({
  name: "KubeApi says which rule is missing to who may do nothing",
  ignore,
  fn: async () => {
    await using namespace = await TestNamespace.make();
    const { name } = namespace;
    await using kubeconfig = await TestKubeconfig.write({ user: "nobody", namespace: name });
    using api = await KubeApi.open({ kubeconfig: kubeconfig.path }, { signal: never() });
    await rejects(api.list("pods", { signal: never() }), {
      name: "ApiError",
      message: `Cannot list pods in namespace "${name}": pods is forbidden: User "nobody" cannot ` +
        `list resource "pods" in API group "" in the namespace "${name}". A role with ` +
        '{"apiGroups":[""],"resources":["pods"],"verbs":["list"]} allows it; ' +
        "`deno task kubernetes:policy` prints one with all that is needed",
    });
    const exec = { pod: "p", container: "c", command: ["true"], signal: never() };
    await rejects(api.exec(exec), /"resources":\["pods\/exec"\],"verbs":\["create","get"\]/);
  },
});
