import type { Engine } from "../engine/engine.ts";
import { orMissing } from "../engine/engine_error.ts";

/** What the images are called that were built here. A label would be had by containers of them, too. */
const REPOSITORY = "clustertest-build";

const NAME = new RegExp(`^(?:localhost/)?${REPOSITORY}:(?:[0-9a-f]{24}|part-[0-9a-f]{12})$`);

/** Milliseconds that an engine has to name an image, also when nobody waits for that any more. */
const NAME_DEADLINE = 5_000;

/** The name of an image, by what goes into it. */
export function builtImageName(digest: string): string {
  return `${REPOSITORY}:${digest.slice(0, 24)}`;
}

/** Gives a name to an image, by its id. */
export async function nameImage(engine: Engine, id: string, name: string): Promise<void> {
  const [repo, tag] = name.split(":");
  await engine.call({
    what: "name the image that was built",
    method: "POST",
    path: `/images/${id}/tag`,
    query: { repo, tag },
    deadline: NAME_DEADLINE,
  });
}

/** Gives a name to what a build has made besides its image, by which sweeps find it. */
export async function namePart(engine: Engine, id: string): Promise<void> {
  await nameImage(engine, id, `${REPOSITORY}:part-${id.slice(0, 12)}`);
}

interface ListedImage {
  readonly RepoTags?: readonly string[] | null;
}

/** The names of all that were built on an engine, in their order. */
export async function listBuiltImages(engine: Engine, signal?: AbortSignal): Promise<string[]> {
  const listed = await engine.call<ListedImage[]>({
    what: "list images that were built",
    method: "GET",
    path: "/images/json",
    query: { filters: JSON.stringify({ reference: [REPOSITORY] }) },
    signal,
  });
  return listed.flatMap(({ RepoTags }) => RepoTags ?? []).filter((name) => NAME.test(name))
    .sort();
}

/** Removes an image with what it was made of, unless something uses that. */
export async function removeBuiltImage(engine: Engine, name: string): Promise<void> {
  const what = `remove the image "${name}"`;
  await orMissing(engine.call({ what, method: "DELETE", path: `/images/${name}` }));
}
