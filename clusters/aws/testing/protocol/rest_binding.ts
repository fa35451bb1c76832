import type { NormalizedSchema } from "@smithy/core/schema";

/** Where in a message of HTTP a member of a structure is. */
export type RestBinding =
  | { readonly in: "query" | "header" | "headers"; readonly name: string }
  | { readonly in: "label" | "payload" | "body" };

/** Reads the binding from the SDK's description. */
export function bindingOf(member: NormalizedSchema): RestBinding {
  const traits = member.getMergedTraits();
  if (traits.httpLabel) return { in: "label" };
  if (traits.httpPayload) return { in: "payload" };
  if (traits.httpQuery) return { in: "query", name: String(traits.httpQuery) };
  if (traits.httpHeader) return { in: "header", name: String(traits.httpHeader).toLowerCase() };
  if (traits.httpPrefixHeaders) {
    return { in: "headers", name: String(traits.httpPrefixHeaders).toLowerCase() };
  }
  return { in: "body" };
}
