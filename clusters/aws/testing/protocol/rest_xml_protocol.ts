import { XmlShapeDeserializer } from "@aws-sdk/core/protocols";
import type { NormalizedSchema } from "@smithy/core/schema";
import { AwsError } from "./aws_error.ts";
import { operationModel, requiredMembers, type SdkModule } from "./operation_model.ts";
import { findRestRoute, type RestRoute, restRoutes } from "./rest_route.ts";
import { bindingOf } from "./rest_binding.ts";
import { writeRestXml } from "./rest_xml_output.ts";
import type { Call, Protocol, WireRequest } from "./wire_request.ts";
import { textElements, XML_DECLARATION } from "./xml_output.ts";

/** Where in a request the bucket and the key are. */
export interface ObjectPlace {
  readonly bucket: string | undefined;
  readonly key: string | undefined;
}

/** Paths, headers and XML: the protocol of S3. */
export class RestXmlProtocol implements Protocol {
  #sdk: SdkModule;
  #routes: readonly RestRoute[];
  #placeOf: (request: WireRequest) => ObjectPlace;

  constructor(sdk: SdkModule, placeOf: (request: WireRequest) => ObjectPlace) {
    this.#sdk = sdk;
    this.#routes = restRoutes(sdk);
    this.#placeOf = placeOf;
  }

  decode(request: WireRequest): Call {
    const { bucket, key } = this.#placeOf(request);
    const { method, url: { searchParams } } = request;
    const place = bucket === undefined ? "service" : key === undefined ? "bucket" : "object";
    const route = findRestRoute(this.#routes, { method, place, query: searchParams });
    if (route === undefined) {
      throw new AwsError(
        "MethodNotAllowed",
        `There is no such call: ${method} ${request.url}`,
        405,
      );
    }
    const { input: schema } = operationModel(this.#sdk, route.action)!;
    const input = readInput(schema, request, { Bucket: bucket, Key: key });
    for (const name of requiredMembers(schema)) {
      if (input[name] === undefined) throw new AwsError("InvalidRequest", `"${name}" is missing`);
    }
    checkQuery(schema, route, searchParams);
    return { action: route.action, input };
  }

  encode({ action }: Call, output: object, { id }: WireRequest): Response {
    const status = this.#routes.find((route) => route.action === action)!.status;
    const model = operationModel(this.#sdk, action)!;
    return writeRestXml(model.output, output as Record<string, unknown>, { status, id });
  }

  encodeError(
    { code, message, status }: { code: string; message: string; status: number },
    { id, method, url }: WireRequest,
  ): Response {
    const texts = { Code: code, Message: message, Resource: url.pathname, RequestId: id };
    const body = method === "HEAD" ? null : `${XML_DECLARATION}${textElements("Error", texts)}`;
    const headers = { "content-type": "application/xml", "x-amz-request-id": id };
    return new Response(body, { status, headers });
  }
}

function readInput(
  schema: NormalizedSchema,
  request: WireRequest,
  labels: Readonly<Record<string, string | undefined>>,
): Record<string, unknown> {
  const input: Record<string, unknown> = {};
  for (const [name, member] of schema.structIterator()) {
    const value = readMember(name, member, { request, labels });
    if (value !== undefined) input[name] = value;
  }
  return input;
}

function readMember(
  name: string,
  member: NormalizedSchema,
  { request, labels }: {
    request: WireRequest;
    labels: Readonly<Record<string, string | undefined>>;
  },
): unknown {
  const { headers, body, url } = request;
  const binding = bindingOf(member);
  switch (binding.in) {
    case "label":
      return labels[name];
    case "query":
      return scalar(member, url.searchParams.get(binding.name));
    case "header":
      return scalar(member, headers.get(binding.name));
    case "headers":
      return prefixed(headers, binding.name);
    case "payload":
      if (body.length === 0) return undefined;
      return member.isStructSchema() ? readXml(member, body) : body;
    case "body":
      // No call that this server knows has members beside a payload.
      return undefined;
    default:
      return binding satisfies never;
  }
}

function readXml(schema: NormalizedSchema, body: Uint8Array): unknown {
  const deserializer = new XmlShapeDeserializer({
    timestampFormat: { useTrait: true, default: 5 },
    httpBindings: true,
    xmlNamespace: "",
    serviceNamespace: "",
  });
  try {
    return deserializer.read(schema, body);
  } catch {
    throw new AwsError("MalformedXML", "The XML you provided was not well-formed");
  }
}

function scalar(schema: NormalizedSchema, value: string | null): unknown {
  if (value === null) return undefined;
  if (schema.isNumericSchema()) {
    if (/^\d+$/.test(value)) return Number(value);
    throw new AwsError("InvalidArgument", `"${value}" is not a number`);
  }
  if (schema.isBooleanSchema()) return value === "true";
  return schema.isTimestampSchema() ? new Date(value) : value;
}

function prefixed(headers: Headers, prefix: string): Record<string, string> | undefined {
  const found = [...headers].filter(([name]) => name.startsWith(prefix))
    .map(([name, value]) => [name.slice(prefix.length), value] as const);
  return found.length === 0 ? undefined : Object.fromEntries(found);
}

/** Members that the operation does not read were sent in vain. */
function checkQuery(schema: NormalizedSchema, route: RestRoute, query: URLSearchParams): void {
  const bound = [...schema.structIterator()].map(([, member]) => bindingOf(member))
    .flatMap((binding) => binding.in === "query" ? [binding.name] : []);
  const known = new Set([...bound, ...route.query.keys(), "x-id"]);
  for (const name of query.keys()) {
    if (known.has(name) || /^x-amz-/i.test(name)) continue;
    throw new AwsError("InvalidArgument", `The parameter "${name}" is not recognized`);
  }
}
