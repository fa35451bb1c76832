import { AwsError } from "./aws_error.ts";
import { operationModel, requiredMembers, type SdkModule } from "./operation_model.ts";
import type { Call, Protocol, WireRequest } from "./wire_request.ts";

const CONTENT_TYPE = "application/x-amz-json-1.1";

/** JSON in, JSON out: the protocol of SSM. Structures within structures are not looked into. */
export class JsonProtocol implements Protocol {
  #options: { readonly sdk: SdkModule; readonly target: string };

  constructor(options: { readonly sdk: SdkModule; readonly target: string }) {
    this.#options = options;
  }

  decode({ headers, body }: WireRequest): Call {
    const { sdk, target } = this.#options;
    const asked = headers.get("x-amz-target") ?? "";
    const action = asked.replace(`${target}.`, "");
    const model = operationModel(sdk, action);
    if (model === undefined || headers.get("content-type") !== CONTENT_TYPE) {
      throw new AwsError("UnknownOperationException", `There is no operation "${asked}"`);
    }
    const input: Record<string, unknown> = JSON.parse(new TextDecoder().decode(body));
    const known = new Set([...model.input.structIterator()].map(([name]) => name));
    for (const name of Object.keys(input)) {
      if (!known.has(name)) throw invalid(`the member "${name}" is not known`);
    }
    for (const name of requiredMembers(model.input)) {
      if (input[name] === undefined) throw invalid(`the member "${name}" must not be missing`);
    }
    return { action, input };
  }

  encode(_call: Call, output: object, { id }: WireRequest): Response {
    return respond(200, output, id);
  }

  encodeError(
    { code, message, status }: { code: string; message: string; status: number },
    { id }: WireRequest,
  ): Response {
    return respond(status, { __type: code, message }, id);
  }
}

function invalid(state: string): AwsError {
  return new AwsError("ValidationException", `Cannot validate the request: ${state}`);
}

/** Times are seconds. */
function respond(status: number, body: object, id: string): Response {
  const text = JSON.stringify(body, function (this: Record<string, unknown>, key, value) {
    const original = this[key];
    return original instanceof Date ? original.getTime() / 1000 : value;
  });
  const headers = { "content-type": CONTENT_TYPE, "x-amzn-requestid": id };
  return new Response(text, { status, headers });
}
