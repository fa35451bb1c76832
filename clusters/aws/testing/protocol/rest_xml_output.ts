import type { NormalizedSchema } from "@smithy/core/schema";
import { bindingOf } from "./rest_binding.ts";
import { writeXml, XML_DECLARATION } from "./xml_output.ts";

const NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/";

/** Writes a structure as a response: headers, and a payload or XML. */
export function writeRestXml(
  schema: NormalizedSchema,
  output: Readonly<Record<string, unknown>>,
  { status, id }: { status: number; id: string },
): Response {
  const headers = new Headers({ "x-amz-request-id": id });
  const inXml: Record<string, unknown> = {};
  let body: BodyInit | null = null;
  let hasXml = false;
  if (schema.isUnitSchema()) return new Response(null, { status, headers });
  for (const [name, member] of schema.structIterator()) {
    const binding = bindingOf(member);
    const value = output[name];
    if (binding.in === "body") hasXml = true;
    if (value === undefined) continue;
    if (binding.in === "body") inXml[name] = value;
    if (binding.in === "header") headers.set(binding.name, headerText(value));
    if (binding.in === "payload") body = value as Uint8Array<ArrayBuffer>;
    if (binding.in === "headers") {
      for (const [key, text] of Object.entries(value as Record<string, string>)) {
        headers.set(`${binding.name}${key}`, text);
      }
    }
  }
  if (hasXml) {
    headers.set("content-type", "application/xml");
    body = `${XML_DECLARATION}${writeXml(schema, inXml, NAMESPACE)}`;
  }
  return new Response(status === 204 ? null : body, { status, headers });
}

function headerText(value: unknown): string {
  return value instanceof Date ? value.toUTCString() : String(value);
}
