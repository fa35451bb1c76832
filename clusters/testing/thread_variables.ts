/**
 * Gives environment variables other values for what reads them in this thread, until the result is
 * disposed of; `undefined` stands for none. Files of tests that run in parallel are threads of one
 * process: a variable that was really set would be there for all of them. Children do not get it.
 */
export function withVariables(
  variables: Readonly<Record<string, string | undefined>>,
): Disposable {
  const { get } = Deno.env;
  const given = new Map(Object.entries(variables));
  Deno.env.get = (name) => given.has(name) ? given.get(name) : get(name);
  return { [Symbol.dispose]: () => void (Deno.env.get = get) };
}
