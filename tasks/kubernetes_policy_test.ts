import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { loadAll } from "js-yaml";
import { POLICY_RULES } from "../clusters/kubernetes/policy/rules.ts";

async function run(...args: string[]) {
  const script = new URL("./kubernetes_policy.ts", import.meta.url).pathname;
  const command = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-check", "-A", script, ...args],
    env: { NO_COLOR: "1" },
  });
  const { code, stdout, stderr } = await command.output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

Deno.test("kubernetes:policy prints a role for one namespace, and a binding", async () => {
  const { code, stdout } = await run("--namespace", "team", "--user", "jane@example.com");
  strictEqual(code, 0);
  const metadata = { name: "clustertest", namespace: "team" };
  const apiGroup = "rbac.authorization.k8s.io";
  const apiVersion = `${apiGroup}/v1`;
  deepStrictEqual(loadAll(stdout), [
    { apiVersion, kind: "Role", metadata, rules: POLICY_RULES },
    {
      apiVersion,
      kind: "RoleBinding",
      metadata,
      roleRef: { apiGroup, kind: "Role", name: "clustertest" },
      subjects: [{ apiGroup, kind: "User", name: "jane@example.com" }],
    },
  ]);
});

Deno.test("kubernetes:policy is for one of accounts, users and groups, by names that exist", async () => {
  const both = await run("--user", "a", "--group", "b");
  strictEqual(both.code, 1);
  match(both.stderr, /it is for one account, user or group/);
  const bad = await run("--namespace", "No such/thing");
  strictEqual(bad.code, 1);
  match(bad.stderr, /--namespace "No such\/thing" is no name of Kubernetes/);
});
