import { AwsError } from "../protocol/aws_error.ts";

/** A template in JSON; values may be calls of functions. */
export interface Template {
  readonly Parameters?: Readonly<Record<string, TemplateParameter>>;
  readonly Conditions?: Readonly<Record<string, unknown>>;
  readonly Resources: Readonly<Record<string, TemplateResource>>;
  readonly Outputs?: Readonly<Record<string, TemplateOutput>>;
}

/** The parameters of a template. */
export interface TemplateParameter {
  readonly Type: string;
  readonly Default?: string | number;
  readonly AllowedPattern?: string;
  readonly AllowedValues?: readonly (string | number)[];
  readonly MinValue?: number;
  readonly MaxValue?: number;
  readonly ConstraintDescription?: string;
}

/** Something that a template describes. */
export interface TemplateResource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
  readonly DependsOn?: string | readonly string[];
  readonly Condition?: string;
}

/** What a stack tells about itself. */
export interface TemplateOutput {
  readonly Value: unknown;
  readonly Description?: string;
  readonly Export?: { readonly Name: unknown };
  readonly Condition?: string;
}

/** Bytes that a template in a request may have. */
const MAX_BODY = 51_200;

const SECTIONS = [
  "AWSTemplateFormatVersion",
  "Description",
  "Metadata",
  "Parameters",
  "Conditions",
  "Rules",
  "Resources",
  "Outputs",
];

/** Reads a template; throws a `ValidationError` when it is not one. */
export function readTemplate(body: string | undefined): Template {
  if (body === undefined) throw invalid("Either Template URL or Template Body must be specified.");
  if (new TextEncoder().encode(body).length > MAX_BODY) {
    throw invalid(`Member must have length less than or equal to ${MAX_BODY}: templateBody`);
  }
  const template = parse(body);
  const unknown = Object.keys(template).find((name) => !SECTIONS.includes(name));
  if (unknown !== undefined) throw invalid(`Invalid template property or properties [${unknown}]`);
  if (Object.keys(template.Resources ?? {}).length === 0) {
    throw invalid("At least one Resources member must be defined.");
  }
  if ("Rules" in template) throw new AwsError("NotImplemented", "Rules of templates", 501);
  return template;
}

function parse(body: string): Template {
  try {
    return JSON.parse(body);
  } catch {
    throw invalid("Template format error: unsupported structure. It is not JSON");
  }
}

/** What CloudFormation calls most of what is wrong. */
export function invalid(message: string): AwsError {
  return new AwsError("ValidationError", message);
}
