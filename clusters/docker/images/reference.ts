/** An image's reference, taken apart. */
export interface ImageReference {
  /** Host of the registry, as credentials name it: `"docker.io"`, `"localhost:5000"`. */
  readonly registry: string;
  /** All but tag and digest, as it was given. */
  readonly name: string;
  /** Tag or digest. */
  readonly tag: string;
}

/** What engines take for a reference, but for case: `[registry/]name[:tag][@digest]`. */
const REFERENCE =
  /^((?:(?:[\w.-]+|\[[\da-f:]+\])(?::\d+)?\/)?\w[\w.-]*(?:\/\w[\w.-]*)*)(?::([\w.-]+))?(?:@([\w+.:-]+))?$/i;

/** Takes a reference apart as engines do. Throws a `TypeError` when it can be none. */
export function parseReference(reference: string): ImageReference {
  const [, name, tag, digest] = REFERENCE.exec(reference) ?? [];
  if (name === undefined) throw new TypeError(`Cannot use "${reference}" as the name of an image`);
  const [first = "", ...rest] = name.split("/");
  const isRegistry = rest.length > 0 && (/[.:]/.test(first) || first === "localhost");
  return { registry: isRegistry ? first : "docker.io", name, tag: digest ?? tag ?? "latest" };
}
