import { Buffer } from "node:buffer";
import { AwsError } from "./protocol/aws_error.ts";

/** How much of a list is asked for. */
export interface PageRequest {
  readonly MaxResults?: number | undefined;
  readonly NextToken?: string | undefined;
}

/** A part of a list, and how to get the next one. */
export interface Page<T> {
  readonly items: T[];
  readonly NextToken: string | undefined;
}

/**
 * Cuts a page out of a list from which nothing goes away. It has what was asked for, or what EC2 gives
 * otherwise, but no more than `pageSize`: AWS may give fewer.
 */
export function pageOf<T extends { readonly id: string }>(
  all: readonly T[],
  { MaxResults = 1000, NextToken }: PageRequest,
  pageSize: number,
): Page<T> {
  if (MaxResults < 5 || MaxResults > 1000) {
    const message = `Value ( ${MaxResults} ) for parameter maxResults is invalid. ` +
      "Expecting a value between 5 and 1000.";
    throw new AwsError("InvalidParameterValue", message);
  }
  const first = NextToken === undefined ? 0 : indexAfter(all, NextToken);
  const items = all.slice(first, first + Math.min(MaxResults, pageSize));
  const last = items.at(-1);
  const isEnd = first + items.length >= all.length || last === undefined;
  return { items, NextToken: isEnd ? undefined : Buffer.from(last.id).toString("base64") };
}

function indexAfter(all: readonly { readonly id: string }[], token: string): number {
  const id = Buffer.from(token, "base64").toString();
  const index = all.findIndex((each) => each.id === id);
  if (index < 0) throw new AwsError("InvalidNextToken", "The specified token is not valid");
  return index + 1;
}
