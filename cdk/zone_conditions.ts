import { CfnCondition, type CfnParameter, Fn, type Stack } from "aws-cdk-lib";

/**
 * For each zone the condition under which it is used: that `zoneCount` reaches it. The first has
 * none. Templates cannot compare numbers, so each condition is the next higher one, or equality.
 */
export function zoneConditions(
  stack: Stack,
  { zoneCount, max }: { zoneCount: CfnParameter; max: number },
): (CfnCondition | undefined)[] {
  const conditions: (CfnCondition | undefined)[] = [];
  for (let zone = max; zone > 1; zone--) {
    const isLast = Fn.conditionEquals(zoneCount.valueAsString, String(zone));
    const next = conditions[0];
    conditions.unshift(
      new CfnCondition(stack, `HasZone${zone}`, {
        expression: next ? Fn.conditionOr(isLast, next) : isLast,
      }),
    );
  }
  return [undefined, ...conditions];
}
