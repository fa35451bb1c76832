import { ACCESS_KEY_ID, ACCOUNT, REGIONS, SECRET_ACCESS_KEY } from "../account.ts";
import type { Faults } from "../faults.ts";
import type { Journal } from "../journal.ts";
import { AwsError, notImplemented } from "../protocol/aws_error.ts";
import type { Call, WireRequest } from "../protocol/wire_request.ts";
import { checkContent } from "../s3/content.ts";
import type { Service } from "../service.ts";
import { decodeAwsChunked, isAwsChunked } from "./aws_chunked.ts";
import { checkSignature, readSignature, type Signature } from "./signature.ts";

/** What answers requests. */
export interface FrontOptions {
  readonly services: ReadonlyMap<string, Service>;
  readonly faults: Faults;
  readonly journal: Journal;
}

/** Takes requests in for all services: by their signatures it tells which one is meant. */
export class Front {
  #options: FrontOptions;

  constructor(options: FrontOptions) {
    this.#options = options;
  }

  /** Answers a request, whatever it is. */
  async handle(request: Request): Promise<Response> {
    if (isAboutJournal(request)) return Response.json(this.#options.journal.counts());
    const wire = await receive(request);
    const signature = readSignature(wire);
    const service = this.#options.services.get(signature?.service ?? "");
    if (signature === undefined || service === undefined) {
      const what = signature === undefined ? "is not signed" : `is for "${signature.service}"`;
      return new Response(`The request ${what}`, { status: 403 });
    }
    return await this.#serve(wire, { signature, service });
  }

  async #serve(
    wire: WireRequest,
    { signature, service }: { signature: Signature; service: Service },
  ): Promise<Response> {
    const { protocol } = service;
    let call: Call | undefined;
    let refusal: AwsError | undefined;
    try {
      const request = this.#admit(wire, { signature, service });
      call = protocol.decode(request);
      const output = await this.#run(call, { signature, service });
      return protocol.encode(call, output, wire);
    } catch (error) {
      refusal = asAwsError(error);
      return protocol.encodeError(refusal, wire);
    } finally {
      const { action = "?", input = {} } = call ?? {};
      const entry = { service: signature.service, action, input, error: refusal?.code };
      this.#options.journal.add(entry);
    }
  }

  /** Refuses what was not sent by whom it says; unpacks the body. */
  #admit(
    wire: WireRequest,
    { signature, service }: { signature: Signature; service: Service },
  ): WireRequest {
    const { errors } = service;
    if (signature.accessKeyId !== ACCESS_KEY_ID) throw errors.unknownKey();
    try {
      checkSignature(wire, { signature, secret: SECRET_ACCESS_KEY, now: new Date() });
    } catch (error) {
      throw (error as AwsError).code === "SignatureDoesNotMatch" ? errors.badSignature() : error;
    }
    if (this.#options.faults.credentialsExpired) throw errors.expiredToken();
    if (!REGIONS.includes(signature.region)) throw notImplemented(`region ${signature.region}`);
    const { body, trailers } = isAwsChunked(wire.headers)
      ? decodeAwsChunked(wire.body)
      : { body: wire.body, trailers: new Headers() };
    for (const headers of [wire.headers, trailers]) checkContent(headers, body);
    return { ...wire, body };
  }

  async #run(
    call: Call,
    { signature, service }: { signature: Signature; service: Service },
  ): Promise<object> {
    const { errors, operations } = service;
    const { faults } = this.#options;
    const action = `${signature.service}:${call.action}`;
    if (faults.denied.has(action)) throw errors.denied(action);
    if (faults.take(faults.throttled, action)) throw errors.throttled();
    const operation = operations[call.action];
    if (operation === undefined) throw notImplemented(action);
    const context = { region: signature.region, account: ACCOUNT, pageSize: faults.pageSize };
    const output = await operation.run(call.input, context);
    if (faults.take(faults.unanswered, action)) {
      throw new AwsError("InternalError", "An internal error has occurred", 500);
    }
    return output;
  }
}

/** Not a call of AWS: a test that has its server in another process asks what was called. */
function isAboutJournal({ method, url, headers }: Request): boolean {
  return method === "GET" && new URL(url).pathname === "/journal" && !headers.has("authorization");
}

async function receive(request: Request): Promise<WireRequest> {
  const { method, headers } = request;
  const body = new Uint8Array(await request.arrayBuffer());
  return { id: crypto.randomUUID(), method, headers, body, url: new URL(request.url) };
}

/** What is no answer of AWS is a mistake of this server, and is reported as one. */
function asAwsError(error: unknown): AwsError {
  if (error instanceof AwsError) return error;
  return new AwsError("InternalFailure", `The local AWS failed: ${(error as Error).stack}`, 500);
}
