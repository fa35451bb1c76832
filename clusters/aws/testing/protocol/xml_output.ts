import { XmlNode } from "@aws-sdk/xml-builder";
import { XmlShapeSerializer } from "@aws-sdk/core/protocols";
import type { NormalizedSchema } from "@smithy/core/schema";

/** ISO 8601, the format of times in XML. */
const DATE_TIME = 5;

/** Writes a structure as XML, in the names that the SDK's own description gives. */
export function writeXml(schema: NormalizedSchema, value: object, namespace: string): string {
  if (schema.isUnitSchema()) return "";
  const serializer = new XmlShapeSerializer({
    timestampFormat: { useTrait: true, default: DATE_TIME },
    httpBindings: false,
    xmlNamespace: namespace,
    serviceNamespace: "",
  });
  serializer.write(schema, value);
  return serializer.flush() as string;
}

/** The elements within the one that a document consists of. */
export function innerXml(document: string): string {
  if (document === "" || document.endsWith("/>")) return "";
  return document.slice(document.indexOf(">") + 1, document.lastIndexOf("</"));
}

/** An element with elements that hold text. */
export function textElements(name: string, texts: Readonly<Record<string, string>>): XmlNode {
  const node = new XmlNode(name);
  for (const [key, text] of Object.entries(texts)) node.addChildNode(XmlNode.of(key, text));
  return node;
}

export const XML_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n';
