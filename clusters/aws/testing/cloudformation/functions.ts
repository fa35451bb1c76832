import { REGIONS, zonesOf } from "../account.ts";
import { invalid } from "./template.ts";

/** What the functions of a template can refer to. */
export interface Scope {
  readonly region: string;
  readonly conditions: Readonly<Record<string, unknown>>;
  /** The value of a parameter, of a pseudo parameter, or what a resource is referred to by. */
  ref(name: string): string | undefined;
  /** An attribute of a resource. */
  attribute(resource: string, name: string): string | undefined;
}

/** Replaces the calls of functions within a value by what they mean. */
export function evaluate(value: unknown, scope: Scope): unknown {
  if (Array.isArray(value)) {
    return value.map((each) => evaluate(each, scope)).filter((each) => each !== undefined);
  }
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value);
  const [[name, argument] = ["", undefined]] = entries;
  if (entries.length === 1 && /^(Ref|Condition|Fn::\w+)$/.test(name)) {
    const call = FUNCTIONS[name];
    if (call === undefined) throw invalid(`The function "${name}" is not known here`);
    return call(argument, scope);
  }
  const evaluated = entries.map(([key, each]) => [key, evaluate(each, scope)] as const);
  return Object.fromEntries(evaluated.filter(([, each]) => each !== undefined));
}

/** Whether a condition holds. */
export function holds(name: string | undefined, scope: Scope): boolean {
  if (name === undefined) return true;
  if (!(name in scope.conditions)) throw invalid(`There is no condition "${name}"`);
  return evaluate(scope.conditions[name], scope) === true;
}

type TemplateFunction = (argument: unknown, scope: Scope) => unknown;

const FUNCTIONS: Readonly<Record<string, TemplateFunction>> = {
  Ref: (name, scope) => resolve(String(name), scope.ref(String(name))),
  Condition: (name, scope) => holds(String(name), scope),
  "Fn::GetAtt": (argument, scope) => {
    const [resource = "", name = ""] = Array.isArray(argument)
      ? argument.map(String)
      : String(argument).split(".");
    return resolve(`${resource}.${name}`, scope.attribute(resource, name));
  },
  "Fn::GetAZs": (argument, scope) => {
    const region = String(evaluate(argument, scope)) || scope.region;
    if (!REGIONS.includes(region)) throw invalid(`There is no region "${region}"`);
    return zonesOf(region);
  },
  "Fn::Select": (argument, scope) => {
    const [index, list] = evaluate(argument, scope) as [number | string, unknown[]];
    const chosen = list[Number(index)];
    if (chosen === undefined) {
      throw invalid(`Template error: Fn::Select cannot select nonexistent value at index ${index}`);
    }
    return chosen;
  },
  "Fn::Join": (argument, scope) => {
    const [delimiter, parts] = evaluate(argument, scope) as [string, string[]];
    return parts.join(delimiter);
  },
  "Fn::Sub": (argument, scope) => {
    if (typeof argument !== "string") throw invalid("Fn::Sub with variables is not known here");
    return argument.replaceAll(/\$\{([^}]+)\}/g, (_, name: string) => {
      const [resource = "", attribute] = name.split(".");
      const value = attribute === undefined
        ? scope.ref(resource)
        : scope.attribute(resource, attribute);
      return resolve(name, value) ?? "";
    });
  },
  "Fn::If": (argument, scope) => {
    const [condition, yes, no] = argument as [string, unknown, unknown];
    return evaluate(holds(condition, scope) ? yes : no, scope);
  },
  "Fn::Equals": (argument, scope) => {
    const [one, other] = evaluate(argument, scope) as [unknown, unknown];
    return String(one) === String(other);
  },
  "Fn::And": (argument, scope) => (evaluate(argument, scope) as boolean[]).every(Boolean),
  "Fn::Or": (argument, scope) => (evaluate(argument, scope) as boolean[]).some(Boolean),
  "Fn::Not": (argument, scope) => !(evaluate(argument, scope) as [boolean])[0],
};

function resolve(name: string, value: string | undefined): string | undefined {
  if (name === "AWS::NoValue") return undefined;
  if (value !== undefined) return value;
  throw invalid(`Template error: there is nothing that "${name}" refers to`);
}

/** The names of resources that a value refers to, among `names`. */
export function referencesIn(value: unknown, names: ReadonlySet<string>): Set<string> {
  const found = new Set<string>();
  JSON.stringify(value, (key, each) => {
    const texts = key === "Ref" || key === "Fn::GetAtt" || key === "Fn::Sub" ? [each].flat() : [];
    for (const text of texts.map(String)) {
      for (const name of [text, ...text.split(/[${}.]+/)]) if (names.has(name)) found.add(name);
    }
    return each;
  });
  return found;
}
