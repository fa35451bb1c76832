import { Buffer } from "node:buffer";
import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { AwsError } from "../protocol/aws_error.ts";

/** What a request says about who sent it. */
export interface Signature {
  readonly accessKeyId: string;
  /** `20260102`. */
  readonly date: string;
  readonly region: string;
  readonly service: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  /** When it was signed: `20260102T030405Z`. */
  readonly time: string;
  readonly sessionToken: string | undefined;
  /** Seconds for which a signed address is good; `undefined` for a signed request. */
  readonly expires: number | undefined;
}

/** A request as it is signed. */
export interface SignedRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Headers;
  readonly body: Uint8Array;
}

const ALGORITHM = "AWS4-HMAC-SHA256";

/** Reads the signature of a request, from its header or its address; `undefined` if it has none. */
export function readSignature({ url, headers }: SignedRequest): Signature | undefined {
  const query = url.searchParams;
  if (query.get("X-Amz-Algorithm") === ALGORITHM) {
    return parse({
      Credential: query.get("X-Amz-Credential") ?? "",
      SignedHeaders: query.get("X-Amz-SignedHeaders") ?? "",
      Signature: query.get("X-Amz-Signature") ?? "",
    }, {
      time: query.get("X-Amz-Date") ?? "",
      sessionToken: query.get("X-Amz-Security-Token") ?? undefined,
      expires: Number(query.get("X-Amz-Expires")),
    });
  }
  const header = headers.get("authorization");
  if (!header?.startsWith(ALGORITHM)) return undefined;
  const parts = header.slice(ALGORITHM.length).split(",").map((part) => part.trim().split("="));
  return parse(Object.fromEntries(parts), {
    time: headers.get("x-amz-date") ?? "",
    sessionToken: headers.get("x-amz-security-token") ?? undefined,
    expires: undefined,
  });
}

function parse(
  { Credential = "", SignedHeaders = "", Signature: signature = "" }: Record<string, string>,
  rest: Pick<Signature, "time" | "sessionToken" | "expires">,
): Signature {
  const [accessKeyId = "", date = "", region = "", service = ""] = Credential.split("/");
  const signedHeaders = SignedHeaders.split(";");
  return { accessKeyId, date, region, service, signedHeaders, signature, ...rest };
}

/** Throws an `AwsError` unless the request was signed with the secret and is still good. */
export function checkSignature(
  request: SignedRequest,
  { signature, secret, now }: { signature: Signature; secret: string; now: Date },
): void {
  checkTime(signature, now);
  checkContent(request);
  const expected = Buffer.from(sign(request, { signature, secret }));
  const given = Buffer.from(signature.signature);
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
    throw new AwsError(
      "SignatureDoesNotMatch",
      "The request signature we calculated does not match the signature you provided",
      403,
    );
  }
}

/** Milliseconds by which clocks may differ. */
const MAX_SKEW = 15 * 60 * 1000;

function checkTime({ time, expires }: Signature, now: Date): void {
  const signed = Date.parse(
    time.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z"),
  );
  const age = now.getTime() - signed;
  if (Number.isNaN(signed)) throw new AwsError("IncompleteSignature", "Date is malformed");
  if (expires === undefined && Math.abs(age) > MAX_SKEW) {
    throw new AwsError("RequestTimeTooSkewed", "The request time differs too much from ours", 403);
  }
  if (expires !== undefined && age > expires * 1000) {
    throw new AwsError("AccessDenied", "Request has expired", 403);
  }
}

/** A hash that is signed has to be that of the body. */
function checkContent({ headers, body }: SignedRequest): void {
  const hash = headers.get("x-amz-content-sha256");
  if (hash === null || !/^[0-9a-f]{64}$/.test(hash) || hash === sha256(body)) return;
  throw new AwsError("XAmzContentSHA256Mismatch", "The body is not what its hash says");
}

function sign(
  request: SignedRequest,
  { signature, secret }: { signature: Signature; secret: string },
): string {
  const { date, region, service, time } = signature;
  const scope = [date, region, service, "aws4_request"];
  const key = scope.reduce<string | Buffer>(
    (key, part) => createHmac("sha256", key).update(part).digest(),
    `AWS4${secret}`,
  );
  const text = [ALGORITHM, time, scope.join("/"), sha256(canonicalRequest(request, signature))];
  return createHmac("sha256", key).update(text.join("\n")).digest("hex");
}

function canonicalRequest(request: SignedRequest, signature: Signature): string {
  const { method, url, headers, body } = request;
  const { service, signedHeaders, expires } = signature;
  const named = signedHeaders.map((name) =>
    `${name}:${(headers.get(name) ?? "").trim().replaceAll(/ +/g, " ")}\n`
  );
  const path = service === "s3" ? url.pathname : url.pathname.split("/").map(encode).join("/");
  const hash = expires === undefined
    ? headers.get("x-amz-content-sha256") ?? sha256(body)
    : "UNSIGNED-PAYLOAD";
  const query = canonicalQuery(url.searchParams);
  return [method, path, query, named.join(""), signedHeaders.join(";"), hash].join("\n");
}

function canonicalQuery(query: URLSearchParams): string {
  return [...query].filter(([name]) => name !== "X-Amz-Signature")
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .sort().join("&");
}

function encode(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function sha256(data: string | Uint8Array): string {
  return createHash("sha256").update(data).digest("hex");
}
