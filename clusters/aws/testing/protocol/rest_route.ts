import type { SdkModule } from "./operation_model.ts";

/** What a request looks like that means an operation. */
export interface RestRoute {
  readonly action: string;
  readonly method: string;
  readonly place: "service" | "bucket" | "object";
  readonly query: URLSearchParams;
  readonly status: number;
}

/** Reads the routes of all operations from the SDK's description, the most specific first. */
export function restRoutes(sdk: SdkModule): RestRoute[] {
  return Object.values(sdk).flatMap((schema) => {
    if (!Array.isArray(schema) || schema[0] !== 9) return [];
    const [, , action, { http }] = schema as [
      9,
      string,
      string,
      { http: [string, string, number] },
    ];
    const [method, uri, status] = http;
    const [path = "", query = ""] = uri.split("?");
    const place = path.includes("{Key+}") ? "object" as const : placeOf(action);
    return [{ action, method, place, query: new URLSearchParams(query), status }];
  }).sort((one, other) => other.query.size - one.query.size);
}

function placeOf(action: string): RestRoute["place"] {
  return action === "ListBuckets" ? "service" : "bucket";
}

/** Finds what a request means. Its `x-id` tells, where a client sends that. */
export function findRestRoute(
  routes: readonly RestRoute[],
  { method, place, query }: Pick<RestRoute, "method" | "place" | "query">,
): RestRoute | undefined {
  const asked = query.get("x-id");
  return routes.find((route) =>
    route.method === method && route.place === place &&
    [...route.query].every(([name, value]) =>
      name === "x-id" ? (asked ?? plain[method]) === value : query.get(name) === value
    ) && (asked === null || route.query.get("x-id") === asked || !route.query.has("x-id"))
  );
}

/** What is meant where several operations differ by nothing but their `x-id`. */
const plain: Readonly<Record<string, string>> = {
  GET: "GetObject",
  PUT: "PutObject",
  DELETE: "DeleteObject",
};
