import type { Parameter } from "@aws-sdk/client-cloudformation";
import { invalid, type Template, type TemplateParameter } from "./template.ts";

/** The values of a template's parameters: given, as before, or by default. */
export function parameterValues(
  { Parameters: declared = {} }: Template,
  given: readonly Parameter[] = [],
  before: ReadonlyMap<string, string> = new Map(),
): Map<string, string> {
  const unknown = given.filter(({ ParameterKey = "" }) => !(ParameterKey in declared));
  if (unknown.length > 0) {
    const names = unknown.map(({ ParameterKey }) => ParameterKey).join(", ");
    throw invalid(`Parameters: [${names}] do not exist in the template`);
  }
  const values = new Map<string, string>();
  for (const [name, parameter] of Object.entries(declared)) {
    const asked = given.find(({ ParameterKey }) => ParameterKey === name);
    const value = asked?.UsePreviousValue ? before.get(name) : asked?.ParameterValue;
    const chosen = value ?? parameter.Default;
    if (chosen === undefined) throw invalid(`Parameters: [${name}] must have values`);
    values.set(name, check(name, String(chosen), parameter));
  }
  return values;
}

function check(name: string, value: string, parameter: TemplateParameter): string {
  const { AllowedPattern, AllowedValues, MinValue, MaxValue, Type } = parameter;
  const broken = [
    AllowedPattern !== undefined && !new RegExp(`^(?:${AllowedPattern})$`).test(value),
    AllowedValues !== undefined && !AllowedValues.map(String).includes(value),
    Type === "Number" && Number.isNaN(Number(value)),
    MinValue !== undefined && Number(value) < MinValue,
    MaxValue !== undefined && Number(value) > MaxValue,
  ];
  if (!broken.includes(true)) return value;
  const constraint = parameter.ConstraintDescription ?? `its constraints do not allow "${value}"`;
  throw invalid(`Parameter '${name}' failed to satisfy constraint: ${constraint}`);
}
