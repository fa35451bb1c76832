import { valueKind } from "../options/mod.ts";
import { checkWord } from "./check_word.ts";

/** Throws unless it can be the environment of a process, or be added to one. */
export function checkEnvironment(env: unknown): void {
  // What can be iterated, as an array or a map, holds its entries elsewhere than in its properties.
  if (typeof env !== "object" || env === null || Symbol.iterator in env) {
    throw new TypeError(
      `Cannot set variables: env must be an object of strings, not ${valueKind(env)}`,
    );
  }
  for (const [name, value] of Object.entries(env)) checkVariable(name, value);
}

function checkVariable(name: string, value: unknown): void {
  if (name === "" || /[=\0]/.test(name)) {
    throw new TypeError(
      `Cannot set the variable "${name}": a name has no "=" and no NUL character`,
    );
  }
  checkWord(value, `variable "${name}"`);
}
