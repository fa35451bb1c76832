import { type Permission, permissions } from "./permissions.ts";
import type { Policy, Statement } from "./policy.ts";

/**
 * The policy that allows these calls of the SDK, such as `"ec2:RunInstances"`, and nothing else.
 * Throws for one of which it is not known what it needs.
 */
export function makePolicy(calls: Iterable<string>): Policy {
  const statements = new Map<string, Statement>();
  for (const call of [...calls].sort()) {
    for (const permission of permissionsOf(call)) {
      const known = statements.get(permission.sid);
      statements.set(permission.sid, join(known, permission));
    }
  }
  return { Version: "2012-10-17", Statement: [...statements.values()] };
}

function permissionsOf(call: string): readonly Permission[] {
  const needed = permissions[call];
  if (needed !== undefined) return needed;
  throw new Error(`Cannot make a policy that allows "${call}": its permissions are not known`);
}

function join(
  known: Statement | undefined,
  { sid, actions, resources, condition }: Permission,
): Statement {
  return {
    Sid: statementId(sid),
    Effect: "Allow",
    Action: [...new Set([...known?.Action ?? [], ...actions])].sort(),
    Resource: resources,
    ...(condition === undefined ? {} : { Condition: condition }),
  };
}

/** Ids have letters and digits only: "Change-spot-request" becomes "ChangeSpotRequest". */
function statementId(name: string): string {
  return name.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}
