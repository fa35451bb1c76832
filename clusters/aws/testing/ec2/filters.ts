import type { Filter } from "@aws-sdk/client-ec2";
import { AwsError } from "../protocol/aws_error.ts";
import type { Tags } from "./tags.ts";

/** What a filter can ask of a resource: its values, by the filter's name. */
export type FilterValues = Readonly<Record<string, string | readonly string[] | undefined>>;

/** Keeps what meets all filters. */
export function applyFilters<T extends { readonly tags: Tags }>(
  resources: readonly T[],
  filters: readonly Filter[] = [],
  valuesOf: (resource: T) => FilterValues,
): T[] {
  for (const { Values = [] } of filters) {
    if (Values.length > 200) {
      throw new AwsError("FilterLimitExceeded", "The maximum number of filter values is 200");
    }
  }
  return resources.filter((resource) => {
    const values = valuesOf(resource);
    return filters.every((filter) => matches(filter, resource.tags, values));
  });
}

function matches({ Name = "", Values = [] }: Filter, tags: Tags, values: FilterValues): boolean {
  const actual = actualValues(Name, tags, values);
  return Values.some((pattern) => actual.some((value) => isLike(value, pattern)));
}

function actualValues(name: string, tags: Tags, values: FilterValues): readonly string[] {
  if (name === "tag-key") return [...tags.keys()];
  if (name.startsWith("tag:")) return [tags.get(name.slice("tag:".length))].filter(isText);
  if (!(name in values)) {
    throw new AwsError("InvalidParameterValue", `The filter '${name}' is invalid`);
  }
  return [values[name] ?? []].flat();
}

function isText(value: string | undefined): value is string {
  return value !== undefined;
}

/** `*` is any text, `?` any character, `\` takes that meaning away. */
function isLike(value: string, pattern: string): boolean {
  const source = pattern.replaceAll(/\\?[^]/gu, (part) => {
    if (part === "*") return ".*";
    if (part === "?") return ".";
    return RegExp.escape(part.length > 1 && part.startsWith("\\") ? part.slice(1) : part);
  });
  return new RegExp(`^${source}$`, "su").test(value);
}
