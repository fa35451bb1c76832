import type { Output } from "@aws-sdk/client-cloudformation";
import { ACCOUNT } from "../account.ts";
import type { Ec2Region } from "../ec2/region.ts";
import type { Faults } from "../faults.ts";
import type { Buckets } from "../s3/bucket.ts";
import { evaluate, holds, referencesIn, type Scope } from "./functions.ts";
import { NETWORK_TYPES } from "./network_types.ts";
import { OTHER_TYPES } from "./other_types.ts";
import type { Properties, ResourcePlace, ResourceType } from "./resource_type.ts";
import type { Stack, StackResource } from "./stack.ts";
import { invalid, type Template, type TemplateResource } from "./template.ts";

const TYPES: Readonly<Record<string, ResourceType>> = { ...NETWORK_TYPES, ...OTHER_TYPES };

/** Where a stack is deployed. */
export interface DeploymentPlace {
  readonly ec2: Ec2Region;
  readonly buckets: Buckets;
  readonly faults: Faults;
}

/** A template on its way to become, or change, the resources of a stack. */
export class Deployment {
  readonly #stack: Stack;
  readonly #template: Template;
  readonly #place: DeploymentPlace;
  readonly #scope: Scope;

  constructor(
    stack: Stack,
    { template, parameters, place }: {
      template: Template;
      parameters: ReadonlyMap<string, string>;
      place: DeploymentPlace;
    },
  ) {
    this.#stack = stack;
    this.#template = template;
    this.#place = place;
    this.#scope = scopeOf(stack, { template, parameters, region: place.ec2.name });
  }

  /** Throws a `ValidationError` about mistakes that can be seen without making anything. */
  check(capabilities: readonly string[] = []): void {
    const { Resources } = this.#template;
    const names = new Set(Object.keys(Resources));
    for (const [name, { Type, Properties = {} }] of Object.entries(Resources)) {
      const type = TYPES[Type];
      if (type === undefined) {
        throw invalid(`Template format error: Unrecognized resource types: [${Type}]`);
      }
      const extra = Object.keys(Properties).find((each) => !(each in type.properties));
      if (extra !== undefined) {
        throw invalid(`Resource ${name}: extraneous key [${extra}] is not permitted`);
      }
      if (type.capability && !capabilities.includes(type.capability)) {
        throw missingCapability(type.capability);
      }
      this.#dependencies(name, names);
    }
  }

  /** The properties that every resource is to have, and of which there are none that are not meant. */
  wanted(): [name: string, resource: TemplateResource][] {
    const { Resources } = this.#template;
    const meant = Object.entries(Resources)
      .filter(([, { Condition }]) => holds(Condition, this.#scope));
    return sort(
      new Map(meant),
      (name) => this.#dependencies(name, new Set(Object.keys(Resources))),
    );
  }

  /** Whether everything is as the template says. */
  isDone(): boolean {
    const wanted = this.wanted();
    return wanted.length === this.#stack.resources.size &&
      wanted.every(([name, resource]) => this.#isUnchanged(name, resource)) &&
      JSON.stringify(this.outputs()) === JSON.stringify(this.#stack.outputs);
  }

  /** Makes what is missing, and changes what is different; throws when that is not possible. */
  apply(): void {
    for (const [name, resource] of this.wanted()) {
      if (this.#isUnchanged(name, resource)) continue;
      try {
        this.#make(name, resource);
      } catch (error) {
        const { message } = error as Error;
        const note = { logicalId: name, type: resource.Type, physicalId: "", reason: message };
        this.#stack.note({ ...note, status: "CREATE_FAILED" });
        throw error;
      }
    }
  }

  /** Removes what the template does not have any more. */
  removeRest(): void {
    const names = new Set(this.wanted().map(([name]) => name));
    for (const resource of [...this.#stack.resources.values()].reverse()) {
      if (!names.has(resource.logicalId)) removeResource(this.#stack, resource, this.#place);
    }
  }

  /** What the stack tells about itself. */
  outputs(): Output[] {
    return Object.entries(this.#template.Outputs ?? {})
      .filter(([, { Condition }]) => holds(Condition, this.#scope))
      .map(([OutputKey, { Value, Description, Export }]) => ({
        OutputKey,
        OutputValue: String(evaluate(Value, this.#scope)),
        Description,
        ExportName: Export && String(evaluate(Export.Name, this.#scope)),
      }));
  }

  #isUnchanged(name: string, { Type, Properties }: TemplateResource): boolean {
    const existing = this.#stack.resources.get(name);
    if (existing?.type !== Type) return false;
    return JSON.stringify(existing.properties) === JSON.stringify(this.#evaluated(Properties));
  }

  #make(name: string, { Type, Properties }: TemplateResource): void {
    const reason = this.#brokenReason(name, Type);
    if (reason !== undefined) throw new Error(reason);
    const type = TYPES[Type]!;
    const properties = this.#evaluated(Properties);
    const place = { ...this.#place, stackName: this.#stack.name, logicalId: name };
    const existing = this.#stack.resources.get(name);
    const kept = existing?.type === Type && isInPlace(type, existing.properties, properties);
    if (kept) type.update?.(existing.physicalId, properties, place);
    else checkRequired(type, properties);
    const made = kept ? existing : type.create(properties, place);
    if (existing && !kept) removeResource(this.#stack, existing, this.#place);
    const { physicalId, attributes = {} } = made;
    const status = existing ? "UPDATE_COMPLETE" as const : "CREATE_COMPLETE" as const;
    const identity = { logicalId: name, type: Type, physicalId, status };
    const resource = { ...identity, attributes, properties, time: new Date() };
    this.#stack.resources.set(name, resource);
    this.#stack.note(identity);
  }

  #brokenReason(name: string, type: string): string | undefined {
    const { brokenResources } = this.#place.faults;
    return brokenResources.get(name) ?? brokenResources.get(type);
  }

  #evaluated(properties: Properties = {}): Properties {
    return evaluate(properties, this.#scope) as Properties;
  }

  #dependencies(name: string, names: ReadonlySet<string>): Set<string> {
    const { Properties, DependsOn = [] } = this.#template.Resources[name]!;
    const declared = new Set([DependsOn].flat());
    const missing = [...declared].find((each) => !names.has(each));
    if (missing !== undefined) throw invalid(`Unresolved resource dependencies [${missing}]`);
    return referencesIn(Properties, names).union(declared);
  }
}

/** Removes a resource of a stack; throws when that is not possible. */
export function removeResource(
  stack: Stack,
  resource: StackResource,
  place: DeploymentPlace,
): void {
  const { logicalId, type, physicalId } = resource;
  const at: ResourcePlace = { ...place, stackName: stack.name, logicalId };
  try {
    TYPES[type]!.remove?.(physicalId, at);
  } catch (error) {
    const { message } = error as Error;
    stack.note({ logicalId, type, physicalId, status: "DELETE_FAILED", reason: message });
    throw error;
  }
  stack.note({ logicalId, type, physicalId, status: "DELETE_COMPLETE" });
  if (stack.resources.get(logicalId) === resource) stack.resources.delete(logicalId);
}

function scopeOf(
  stack: Stack,
  { template, parameters, region }: {
    template: Template;
    parameters: ReadonlyMap<string, string>;
    region: string;
  },
): Scope {
  const pseudo: Readonly<Record<string, string>> = {
    "AWS::StackName": stack.name,
    "AWS::StackId": stack.id,
    "AWS::Region": region,
    "AWS::AccountId": ACCOUNT,
    "AWS::Partition": "aws",
    "AWS::URLSuffix": "amazonaws.com",
  };
  return {
    region,
    conditions: template.Conditions ?? {},
    ref: (name) => parameters.get(name) ?? pseudo[name] ?? stack.resources.get(name)?.physicalId,
    attribute: (resource, name) => stack.resources.get(resource)?.attributes?.[name],
  };
}

function isInPlace(type: ResourceType, before: Properties, after: Properties): boolean {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].every((name) =>
    type.properties[name] || JSON.stringify(before[name]) === JSON.stringify(after[name])
  );
}

function checkRequired({ required = [] }: ResourceType, properties: Properties): void {
  const missing = required.find((name) => properties[name] === undefined);
  if (missing !== undefined) throw new Error(`required key [${missing}] not found`);
}

function missingCapability(capability: string): Error {
  const error = invalid(`Requires capabilities : [${capability}]`);
  return Object.assign(error, { code: "InsufficientCapabilitiesException" });
}

/** Each after what it depends on. */
function sort<T>(all: ReadonlyMap<string, T>, dependencies: (name: string) => Set<string>) {
  const sorted = new Map<string, T>();
  const visit = (name: string, path: readonly string[]): void => {
    const value = all.get(name);
    if (value === undefined || sorted.has(name)) return;
    if (path.includes(name)) {
      throw invalid(`Circular dependency between resources: [${path.join(", ")}]`);
    }
    for (const each of dependencies(name)) if (each !== name) visit(each, [...path, name]);
    sorted.set(name, value);
  };
  for (const name of all.keys()) visit(name, []);
  return [...sorted];
}
