import * as sdk from "@aws-sdk/client-ec2";
import { QueryProtocol } from "../protocol/query_protocol.ts";
import type { Service } from "../service.ts";
import { serviceErrors } from "../service_errors.ts";
import { catalogueOperations } from "./catalogue_operations.ts";
import { instanceOperations, type PartsOf } from "./instance_operations.ts";
import { resourceOperations } from "./resource_operations.ts";

/** Instances, and what is around them. */
export function ec2Service(partsOf: PartsOf): Service {
  return {
    protocol: new QueryProtocol({
      sdk,
      ec2: true,
      version: "2016-11-15",
      namespace: "http://ec2.amazonaws.com/doc/2016-11-15/",
    }),
    errors: serviceErrors.ec2,
    operations: {
      ...instanceOperations(partsOf),
      ...catalogueOperations(),
      ...resourceOperations((context) => partsOf(context).region),
    },
  };
}
