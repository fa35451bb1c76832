import type { DeleteOptions } from "./kube_objects.ts";

/** The end of a path with these parameters, of those that are given. */
export function query(parameters: Readonly<Record<string, string | undefined>>): string {
  const given = Object.entries(parameters).filter((each): each is [string, string] =>
    each[1] !== undefined
  );
  return given.length === 0 ? "" : `?${new URLSearchParams(given)}`;
}

/** The body of a request that deletes. */
export function deletion({ grace, propagation = "Background" }: DeleteOptions): string {
  return JSON.stringify({
    apiVersion: "v1",
    kind: "DeleteOptions",
    propagationPolicy: propagation,
    ...grace !== undefined && { gracePeriodSeconds: grace },
  });
}
