import { XmlNode } from "@aws-sdk/xml-builder";
import { AwsError, notImplemented } from "./aws_error.ts";
import { operationModel, type SdkModule } from "./operation_model.ts";
import { parameterTree } from "./parameter_tree.ts";
import { type QueryDialect, QueryInput } from "./query_input.ts";
import type { Call, Protocol, WireRequest } from "./wire_request.ts";
import { innerXml, textElements, writeXml, XML_DECLARATION } from "./xml_output.ts";

/** What a service that speaks a Query protocol is described by. */
export interface QueryProtocolOptions extends QueryDialect {
  readonly sdk: SdkModule;
  readonly version: string;
  readonly namespace: string;
}

/** Forms in, XML out: the protocol of EC2, CloudFormation and STS. */
export class QueryProtocol implements Protocol {
  #options: QueryProtocolOptions;

  constructor(options: QueryProtocolOptions) {
    this.#options = options;
  }

  decode({ method, headers, body }: WireRequest): Call {
    const isForm = headers.get("content-type")?.startsWith("application/x-www-form-urlencoded");
    if (method !== "POST" || !isForm) throw notImplemented(`${method} requests without a form`);
    const form = new URLSearchParams(new TextDecoder().decode(body));
    const action = form.get("Action") ?? "";
    const model = operationModel(this.#options.sdk, action);
    if (model === undefined) {
      throw new AwsError(
        "InvalidAction",
        `The action "${action}" is not valid for this web service`,
      );
    }
    if (form.get("Version") !== this.#options.version) {
      throw new AwsError("NoSuchVersion", `The service has no version "${form.get("Version")}"`);
    }
    form.delete("Action");
    form.delete("Version");
    return { action, input: new QueryInput(this.#options).read(model.input, parameterTree(form)) };
  }

  encode({ action }: Call, output: object, { id }: WireRequest): Response {
    const { sdk, namespace, ec2 } = this.#options;
    const members = innerXml(writeXml(operationModel(sdk, action)!.output, output, namespace));
    const content = ec2
      ? `<requestId>${id}</requestId>${members}`
      : `<${action}Result>${members}</${action}Result>` +
        textElements("ResponseMetadata", { RequestId: id });
    return respond(200, `<${action}Response xmlns="${namespace}">${content}</${action}Response>`);
  }

  encodeError(
    { code, message, status }: { code: string; message: string; status: number },
    { id }: WireRequest,
  ): Response {
    if (this.#options.ec2) {
      const error = textElements("Error", { Code: code, Message: message });
      const response = new XmlNode("Response").addChildNode(new XmlNode("Errors", [error]))
        .addChildNode(XmlNode.of("RequestID", id));
      return respond(status, response.toString());
    }
    const type = status < 500 ? "Sender" : "Receiver";
    const error = textElements("Error", { Type: type, Code: code, Message: message });
    const response = new XmlNode("ErrorResponse", [error])
      .addChildNode(XmlNode.of("RequestId", id));
    return respond(status, response.toString());
  }
}

function respond(status: number, xml: string): Response {
  const headers = { "content-type": "text/xml;charset=UTF-8" };
  return new Response(`${XML_DECLARATION}${xml}`, { status, headers });
}
