/**
 * Sets variables of this process, and of those that it starts, until the result is disposed. Files of
 * tests that run in parallel share them: only one of those may do this.
 */
export function setVariables(variables: Readonly<Record<string, string>>): Disposable {
  const stack = new DisposableStack();
  for (const [name, value] of Object.entries(variables)) {
    const before = Deno.env.get(name);
    Deno.env.set(name, value);
    stack.defer(() => before === undefined ? Deno.env.delete(name) : Deno.env.set(name, before));
  }
  return stack;
}
