/** How a shown value is made, in Deno and in Node. */
type Inspect = (value: unknown, options: object) => string;

/** Has `console.log()`, `Deno.inspect()` and Node's `inspect()` show an object as another text. */
export function shownAs<T extends object>(
  object: T,
  show: (inspect: (value: unknown) => string) => string,
): T {
  const shown = (inspect: Inspect, options: object) => show((value) => inspect(value, options));
  // Not enumerable: comparisons and copies know nothing of them.
  return Object.defineProperties(object, {
    [Symbol.for("Deno.customInspect")]: { value: shown },
    [Symbol.for("nodejs.util.inspect.custom")]: {
      value: (_depth: number, options: object, inspect: Inspect) => shown(inspect, options),
    },
  });
}
