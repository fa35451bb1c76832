import type { NormalizedSchema } from "@smithy/core/schema";
import { AwsError } from "./aws_error.ts";
import { requiredMembers } from "./operation_model.ts";
import type { ParameterTree } from "./parameter_tree.ts";

/** How EC2's Query protocol differs from that of the other services. */
export interface QueryDialect {
  /** Names begin with capitals, lists have no `.member`. */
  readonly ec2: boolean;
  /** The code of an error about parameters, where it is one for all of them. */
  readonly errorCode?: string;
}

/** Reads the parameters of a request by the SDK's own description of it. */
export class QueryInput {
  #dialect: QueryDialect;

  constructor(dialect: QueryDialect) {
    this.#dialect = dialect;
  }

  /** Throws an `AwsError` about the first parameter that is unknown, missing or malformed. */
  read(schema: NormalizedSchema, tree: ParameterTree): object {
    return this.#structure(schema, tree, "");
  }

  #value(schema: NormalizedSchema, node: ParameterTree, path: string): unknown {
    if (schema.isStructSchema()) return this.#structure(schema, node, path);
    if (schema.isListSchema()) return this.#list(schema, node, path);
    if (schema.isMapSchema()) throw new TypeError(`Cannot read the map "${path}": no service asks`);
    if (node.children.size > 0) throw this.#unknown(`${path}.${[...node.children.keys()][0]}`);
    return this.#scalar(schema, node.value ?? "", path);
  }

  #structure(schema: NormalizedSchema, node: ParameterTree, path: string): object {
    if (schema.isUnitSchema()) return {};
    const input: Record<string, unknown> = {};
    const unread = new Map(node.children);
    for (const [name, member] of schema.structIterator()) {
      const key = this.#keyOf(name, member);
      const child = unread.get(key);
      if (child === undefined) continue;
      unread.delete(key);
      input[name] = this.#value(member, child, join(path, key));
    }
    for (const key of unread.keys()) throw this.#unknown(join(path, key));
    for (const name of requiredMembers(schema)) {
      if (input[name] === undefined) throw this.#missing(join(path, name));
    }
    return input;
  }

  #list(schema: NormalizedSchema, node: ParameterTree, path: string): unknown[] {
    const member = schema.getValueSchema();
    const isFlat = this.#dialect.ec2 || schema.getMergedTraits().xmlFlattened !== undefined;
    const name = member.getMergedTraits().xmlName ?? "member";
    // An empty list is its name without a value.
    const items = isFlat ? node : node.children.get(String(name)) ?? { children: new Map() };
    return [...items.children].map(([index, child], position) => {
      if (Number(index) !== position + 1) throw this.#unknown(join(path, index));
      return this.#value(member, child, join(path, index));
    });
  }

  #scalar(schema: NormalizedSchema, value: string, path: string): unknown {
    if (schema.isNumericSchema()) {
      if (/^-?\d+(\.\d+)?$/.test(value)) return Number(value);
      throw this.#malformed(path, value, "is not a number");
    }
    if (schema.isBooleanSchema()) {
      if (value === "true" || value === "false") return value === "true";
      throw this.#malformed(path, value, "is neither true nor false");
    }
    if (schema.isTimestampSchema()) {
      const time = new Date(value);
      if (!Number.isNaN(time.getTime())) return time;
      throw this.#malformed(path, value, "is not a time");
    }
    return value;
  }

  #keyOf(name: string, member: NormalizedSchema): string {
    const { xmlName, ec2QueryName } = member.getMergedTraits();
    const key = String(xmlName ?? name);
    if (!this.#dialect.ec2) return key;
    return ec2QueryName === undefined
      ? `${key[0]!.toUpperCase()}${key.slice(1)}`
      : String(ec2QueryName);
  }

  #unknown(path: string): AwsError {
    const message = `The parameter ${path} is not recognized`;
    return new AwsError(this.#dialect.errorCode ?? "UnknownParameter", message);
  }

  #missing(path: string): AwsError {
    const message = `The request must contain the parameter ${path}`;
    return new AwsError(this.#dialect.errorCode ?? "MissingParameter", message);
  }

  #malformed(path: string, value: string, state: string): AwsError {
    const message = `Value (${value}) for parameter ${path} is invalid. It ${state}`;
    return new AwsError(this.#dialect.errorCode ?? "InvalidParameterValue", message);
  }
}

function join(path: string, key: string): string {
  return path === "" ? key : `${path}.${key}`;
}
