/**
 * `deno task kubernetes:policy`: prints the role that running tests on Kubernetes needs.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { dump } from "js-yaml";
import { policyManifests, type PolicySubject } from "../clusters/kubernetes/policy/manifests.ts";
import { print, runTask } from "./run_task.ts";

const HELP =
  `Prints the role that whoever runs tests on Kubernetes needs, and what gives it to them: the
calls that the library makes in one namespace, and nothing else. It asks nothing of a cluster.

Usage: deno task kubernetes:policy [options] | kubectl apply -f -

  --namespace NAME        Where tests run (default: default)
  --service-account NAME  Give it to an account of that namespace (default: clustertest)
  --user NAME             Give it to a user instead
  --group NAME            Give it to a group instead
  --name NAME             Of the role and of its binding (default: clustertest)
  --help                  Show this
`;

const KINDS = { "service-account": "ServiceAccount", user: "User", group: "Group" } as const;

/** Runs the task; returns its exit code. */
export function main(args: string[]): number {
  const { values } = parseArgs({
    args,
    options: {
      namespace: { type: "string", default: "default" },
      "service-account": { type: "string" },
      user: { type: "string" },
      group: { type: "string" },
      name: { type: "string", default: "clustertest" },
      help: { type: "boolean" },
    },
  });
  if (values.help) return print(HELP);
  const { namespace, name } = values;
  const subject = subjectOf(values);
  for (const [option, value] of Object.entries({ namespace, name })) checkName(option, value);
  if (subject.kind === "ServiceAccount") checkName("service-account", subject.name);
  const documents = policyManifests({ namespace, name, subject });
  const text = documents.map((each) => dump(each, { noRefs: true })).join("---\n");
  return print(text);
}

function subjectOf(values: Readonly<Record<string, unknown>>): PolicySubject {
  const given = Object.entries(KINDS).flatMap(([option, kind]) => {
    const name = values[option];
    return typeof name === "string" ? [{ kind, name }] : [];
  });
  if (given.length > 1) {
    throw new RangeError("Cannot print a policy: it is for one account, user or group");
  }
  return given[0] ?? { kind: "ServiceAccount", name: "clustertest" };
}

/** A name as objects have it. */
function checkName(option: string, name: string): void {
  if (/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(name)) return;
  throw new RangeError(
    `Cannot print a policy: --${option} "${name}" is no name of Kubernetes ` +
      "(small letters, digits and hyphens, 63 at most)",
  );
}

if (import.meta.main) await runTask(main);
