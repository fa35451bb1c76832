/** A request that has arrived in full. */
export interface WireRequest {
  readonly id: string;
  readonly method: string;
  readonly url: URL;
  readonly headers: Headers;
  readonly body: Uint8Array<ArrayBuffer>;
}

/** What a request asks for. */
export interface Call {
  /** The operation: `RunInstances`. */
  readonly action: string;
  readonly input: object;
}

/** What a handler has to say about how it is answered. */
export interface CallContext {
  readonly region: string;
  readonly account: string;
  /** Entries that a page of a list has at most. */
  readonly pageSize: number;
}

/** How a service is spoken to. */
export interface Protocol {
  /** Throws an `AwsError` when that cannot be read, or is not as the SDK describes it. */
  decode(request: WireRequest): Call;
  /** Writes the answer to a call that went well. */
  encode(call: Call, output: object, request: WireRequest): Response;
  /** Writes the answer to one that did not. */
  encodeError(
    error: { code: string; message: string; status: number },
    request: WireRequest,
  ): Response;
}
