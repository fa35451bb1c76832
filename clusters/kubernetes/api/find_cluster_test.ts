import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { dirname } from "node:path";
import { findCluster, type Surroundings } from "./find_cluster.ts";
import type { KubeAccess } from "./kube_access.ts";

interface Entries {
  readonly context?: string;
  readonly contexts?: readonly string[];
  readonly server?: string;
  readonly cluster?: Record<string, unknown>;
  readonly user?: Record<string, unknown>;
  readonly namespace?: string;
}

/** A kubeconfig with one cluster, in YAML as far as that is not JSON. */
function kubeconfig({ context, contexts = ["x"], ...entries }: Entries): string {
  const { server = "https://one:6443", cluster = {}, user = {}, namespace } = entries;
  return `# of a test
apiVersion: v1
kind: Config
clusters:
- name: c
  cluster: ${JSON.stringify({ server, ...cluster })}
users: [{ name: u, user: ${JSON.stringify(user)} }]
contexts:
${
    contexts.map((name) =>
      `- ${JSON.stringify({ name, context: { cluster: "c", user: "u", namespace } })}`
    ).join("\n")
  }
${context === undefined ? "" : `current-context: ${context}`}
`;
}

/** A folder with files. */
class Folder implements AsyncDisposable {
  private constructor(readonly path: string) {}

  static async make(files: Readonly<Record<string, string>>): Promise<Folder> {
    const folder = new Folder(await Deno.makeTempDir());
    for (const [name, text] of Object.entries(files)) {
      await Deno.mkdir(dirname(`${folder.path}/${name}`), { recursive: true });
      await Deno.writeTextFile(`${folder.path}/${name}`, text);
    }
    return folder;
  }

  surroundings(env: Readonly<Record<string, string>>): Surroundings {
    return { env: (name) => env[name], serviceAccount: `${this.path}/account` };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.path, { recursive: true });
  }
}

async function fails(
  access: KubeAccess,
  { surroundings, says }: { readonly surroundings: Surroundings; readonly says: string },
): Promise<void> {
  await rejects(findCluster(access, surroundings), {
    name: "BackendUnusableError",
    message: `Cannot use backend "kubernetes": ${says}`,
  });
}

Deno.test("findCluster() merges the files of KUBECONFIG as kubectl does", async () => {
  await using folder = await Folder.make({
    one: kubeconfig({ contexts: ["x"], server: "https://one:6443" }),
    two: kubeconfig({ contexts: ["x", "y"], server: "https://two:6443", context: "y" }),
  });
  const { path } = folder;
  const surroundings = folder.surroundings({ KUBECONFIG: `${path}/one:${path}/none:${path}/two` });
  const found = await findCluster({}, surroundings);
  strictEqual(found.server.href, "https://one:6443/", "the first cluster of a name counts");
  deepStrictEqual(found.access, {
    kubeconfig: `${path}/one:${path}/none:${path}/two`,
    context: "y",
    namespace: "default",
  });
  // What finds it again does so elsewhere.
  const again = await findCluster(found.access, { env: () => undefined });
  deepStrictEqual(again, found);
});

Deno.test("findCluster() takes ~/.kube/config, and what the options say before all else", async () => {
  await using folder = await Folder.make({
    ".kube/config": kubeconfig({ contexts: ["home"], context: "home", namespace: "there" }),
    "other": kubeconfig({ contexts: ["a", "b"], context: "a" }),
  });
  const surroundings = folder.surroundings({ HOME: folder.path });
  strictEqual((await findCluster({}, surroundings)).namespace, "there");
  const access = { kubeconfig: `${folder.path}/other`, context: "b", namespace: "mine" };
  deepStrictEqual((await findCluster(access, surroundings)).access, access);
});

Deno.test("findCluster() finds what a pod may use when there is no kubeconfig", async () => {
  await using folder = await Folder.make({
    "account/token": "secret",
    "account/namespace": "ours\n",
    "account/ca.crt": "",
  });
  const env = { KUBERNETES_SERVICE_HOST: "fd00::1", KUBERNETES_SERVICE_PORT: "443" };
  const found = await findCluster({}, folder.surroundings(env));
  strictEqual(found.server.href, "https://[fd00::1]/");
  deepStrictEqual(found.access, { namespace: "ours" });
  deepStrictEqual(found.user.user, { tokenFile: `${folder.path}/account/token` });
});

Deno.test("findCluster() reads paths as relative to the file that they are in", async () => {
  await using folder = await Folder.make({
    "deep/config": kubeconfig({
      context: "x",
      cluster: { "certificate-authority": "ca.crt" },
      user: { tokenFile: "../token", exec: { command: "./plugin" } },
    }),
  });
  const { path } = folder;
  const found = await findCluster({ kubeconfig: `${path}/deep/config` });
  deepStrictEqual(found.cluster.cluster, {
    server: "https://one:6443",
    "certificate-authority": `${path}/deep/ca.crt`,
  });
  deepStrictEqual(found.user.user, {
    tokenFile: `${path}/token`,
    exec: { command: `${path}/deep/plugin` },
  });
});

Deno.test("findCluster() says in one line what is wrong, and what to do", async () => {
  await using folder = await Folder.make({
    "no-current": kubeconfig({ contexts: ["a", "b"] }),
    "no-cluster": kubeconfig({ context: "x" }).replace("name: c", "name: d"),
    "no-server": kubeconfig({ context: "x", server: "one" }),
    "proxy": kubeconfig({ context: "x", cluster: { "proxy-url": "ftp://one" } }),
    "broken": "clusters: [",
    "list": "[]",
    "nameless": "clusters: [{}]",
  });
  const { path } = folder;
  const none = folder.surroundings({});
  const cases: Readonly<Record<string, string>> = {
    "no-current": "the kubeconfig has no current context. " +
      'Choose one by `kubectl config use-context`, or name it: "a", "b"',
    "no-cluster": 'the cluster of context "x" is "c", which the kubeconfig does not have. ' +
      "Mend the kubeconfig, or name another context",
    "no-server": 'cluster "c" of the kubeconfig has no server. Give it the URL of its API server',
    "proxy": 'cluster "c" of the kubeconfig names proxy "ftp://one". ' +
      "Name one by an http:, https: or socks5: URL",
    "list": `kubeconfig "${path}/list" cannot be read: it is not a kubeconfig. ` +
      "Mend the file, or name another one by KUBECONFIG",
    "nameless": `kubeconfig "${path}/nameless" cannot be read: it has an entry without a name. ` +
      "Mend the file, or name another one by KUBECONFIG",
    "none": `there is no kubeconfig in ${path}/none. ` +
      "Name one by KUBECONFIG, or as the option `kubeconfig`",
  };
  for (const [file, says] of Object.entries(cases)) {
    await fails({ kubeconfig: `${path}/${file}` }, { surroundings: none, says });
  }
  const access = { kubeconfig: `${path}/no-current`, context: "c" };
  const says = 'the kubeconfig has no context "c". It has "a", "b"';
  await fails(access, { surroundings: none, says });
  await rejects(findCluster({ kubeconfig: `${path}/broken` }, none), /cannot be read: .*\. Mend/);
  await rejects(findCluster({}, none), /there is no kubeconfig\. Name one by KUBECONFIG/);
});
