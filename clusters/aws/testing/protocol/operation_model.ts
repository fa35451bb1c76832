import { NormalizedSchema } from "@smithy/core/schema";

/** An operation of a service as its SDK describes it. */
export interface OperationModel {
  readonly name: string;
  readonly input: NormalizedSchema;
  readonly output: NormalizedSchema;
}

/** The exports of an SDK's module: every operation has its schema there, under its name and "$". */
export type SdkModule = Readonly<Record<string, unknown>>;

/** Finds an operation; `undefined` when the service has none of that name. */
export function operationModel(sdk: SdkModule, name: string): OperationModel | undefined {
  const schema = sdk[`${name}$`];
  if (!isOperation(schema)) return undefined;
  const [, , , , input, output] = schema;
  return { name, input: NormalizedSchema.of(input), output: NormalizedSchema.of(output) };
}

type SchemaRef = Parameters<typeof NormalizedSchema.of>[0];

/** The mark of an operation, its namespace, its name, its traits, and its two structures. */
type OperationSchema = [9, string, string, object | number, SchemaRef, SchemaRef];

function isOperation(schema: unknown): schema is OperationSchema {
  return Array.isArray(schema) && schema[0] === 9;
}

/** The members of a structure that have to be there. */
export function requiredMembers(structure: NormalizedSchema): string[] {
  const schema = structure.getSchema();
  if (!Array.isArray(schema)) return [];
  const [, , , , names, , required] = schema as unknown as [
    number,
    string,
    string,
    unknown,
    string[],
    unknown[],
    number?,
  ];
  return names.slice(0, required ?? 0);
}
