import type { OptionKind } from "./option_kinds.ts";

/** Characters of a wrong value that an error quotes. */
const QUOTED = 60;

/**
 * Throws a `TypeError` unless all options have known names, and values of their kinds: without this, a
 * misspelt option would be ignored. `what` completes "Cannot …".
 */
export function checkOptions(
  what: string,
  options: unknown,
  kinds: Readonly<Record<string, OptionKind>>,
): void {
  if (options === undefined) return;
  if (typeof options !== "object" || options === null) {
    throw new TypeError(`Cannot ${what}: its options must be an object, not ${quoted(options)}`);
  }
  for (const [name, value] of Object.entries(options)) {
    const kind = Object.hasOwn(kinds, name) ? kinds[name]! : undefined;
    if (!kind) throw new TypeError(`Cannot ${what}: ${unknownOption(name, Object.keys(kinds))}`);
    if (value === undefined || kind.is(value)) continue;
    throw new TypeError(
      `Cannot ${what}: ${name} must be ${kind.description}, not ${quoted(value)}`,
    );
  }
}

function quoted(value: unknown): string {
  const text = Deno.inspect(value);
  return text.length > QUOTED ? `${text.slice(0, QUOTED)}…` : text;
}

function unknownOption(name: string, known: readonly string[]): string {
  return `there is no option "${name}"; ${hintAt(name, known)}`;
}

/** What to say to somebody who has given a name that is not known. */
export function hintAt(name: string, known: readonly string[]): string {
  const nearest = nearestName(name, known);
  return nearest === undefined
    ? `those that there are: ${known.join(", ")}`
    : `did you mean "${nearest}"?`;
}

/** The known name that was probably meant. */
function nearestName(name: string, known: readonly string[]): string | undefined {
  const lower = name.toLowerCase();
  const [nearest] = known
    .map((each) => ({ each, distance: editDistance(lower, each.toLowerCase()) }))
    .sort((one, other) => one.distance - other.distance);
  return nearest && nearest.distance <= Math.max(2, name.length / 3) ? nearest.each : undefined;
}

/** How many characters have to be added, removed or replaced to make one text of the other. */
function editDistance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, i) => i);
  for (const [i, character] of [...one].entries()) {
    const next = [i + 1];
    for (let j = 0; j < other.length; j++) {
      const replaced = row[j]! + (character === other[j] ? 0 : 1);
      next.push(Math.min(replaced, row[j + 1]! + 1, next[j]! + 1));
    }
    row = next;
  }
  return row[other.length]!;
}
