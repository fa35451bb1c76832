import type { Engine } from "../engine/engine.ts";
import { orMissing } from "../engine/engine_error.ts";

/** What the images are called that were built here. A label would be had by containers of them, too. */
const REPOSITORY = "clustertest-build";

const NAME = new RegExp(`^(?:localhost/)?${REPOSITORY}:[0-9a-f]{24}$`);

/** The name of an image, by what goes into it. */
export function builtImageName(digest: string): string {
  return `${REPOSITORY}:${digest.slice(0, 24)}`;
}

interface ListedImage {
  readonly RepoTags?: readonly string[] | null;
}

/** The names of all that were built on an engine. */
export async function listBuiltImages(engine: Engine, signal?: AbortSignal): Promise<string[]> {
  const listed = await engine.call<ListedImage[]>({
    what: "list images that were built",
    method: "GET",
    path: "/images/json",
    query: { filters: JSON.stringify({ reference: [REPOSITORY] }) },
    signal,
  });
  return listed.flatMap(({ RepoTags }) => RepoTags ?? []).filter((name) => NAME.test(name));
}

/** Removes an image with what it was made of, unless something uses that. */
export async function removeBuiltImage(engine: Engine, name: string): Promise<void> {
  const what = `remove the image "${name}"`;
  await orMissing(engine.call({ what, method: "DELETE", path: `/images/${name}` }));
}
