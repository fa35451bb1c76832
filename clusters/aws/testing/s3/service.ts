import * as sdk from "@aws-sdk/client-s3";
import { type ObjectPlace, RestXmlProtocol } from "../protocol/rest_xml_protocol.ts";
import type { WireRequest } from "../protocol/wire_request.ts";
import type { Service } from "../service.ts";
import { serviceErrors } from "../service_errors.ts";
import type { Buckets } from "./bucket.ts";
import { bucketOperations } from "./bucket_operations.ts";
import { objectOperations } from "./object_operations.ts";
import { uploadOperations } from "./upload_operations.ts";

/** Buckets and their objects. */
export function s3Service(buckets: Buckets): Service {
  return {
    protocol: new RestXmlProtocol(sdk, placeOf),
    errors: serviceErrors.s3,
    operations: {
      ...bucketOperations(buckets),
      ...objectOperations(buckets),
      ...uploadOperations(buckets),
    },
  };
}

/** A bucket is named by the path, or before a host that is not an address. */
function placeOf({ url, headers }: WireRequest): ObjectPlace {
  const path = decodeURIComponent(url.pathname).slice(1);
  const host = (headers.get("host") ?? "").replace(/:\d+$/, "");
  const [, inHost] = /^([a-z0-9.-]+)\.localhost$/.exec(host) ?? [];
  if (inHost !== undefined) return { bucket: inHost, key: path || undefined };
  const [bucket, ...rest] = path.split("/");
  return { bucket: bucket || undefined, key: rest.join("/") || undefined };
}
