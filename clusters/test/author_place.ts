import { attempt } from "../../agent/host/attempt.ts";
import { authorPlaces } from "../calls/mod.ts";

/** Causes of causes that are looked at. */
const MAX_CAUSES = 8;

/**
 * Where the author's code is that led to the first of the failures that tells, as `/tests/a_test.ts:70:5`:
 * its innermost line in the file of the test, or else in any other file that is neither of this package
 * nor of another one. `undefined` if no failure tells.
 */
export function authorPlace(failures: readonly unknown[], file?: string): string | undefined {
  const places = failures.flatMap(placesOf);
  return places.find((place) => file !== undefined && place.startsWith(`${file}:`)) ?? places[0];
}

/** Of an error, and then of its causes. */
function placesOf(failure: unknown): string[] {
  const places: string[] = [];
  for (let each = failure, depth = 0; depth < MAX_CAUSES; depth++) {
    // Its properties may be getters that throw.
    const known = attempt(() => placesIn((each ?? {}) as Partial<Error>));
    places.push(...known?.places ?? []);
    if (known?.cause === undefined) break;
    each = known.cause;
  }
  return places;
}

function placesIn({ stack, message, cause }: Partial<Error>) {
  return { places: typeof stack === "string" ? authorPlaces(stack, message) : [], cause };
}
