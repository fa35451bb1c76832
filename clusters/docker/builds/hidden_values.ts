/** Characters of a value below which it is hidden only where it is a word: `1` is in much else. */
const SHORT = 4;

/** Hides values of a build's arguments in what the engine says. */
export class HiddenValues {
  readonly #values: readonly { readonly name: string; readonly expression: RegExp }[];

  constructor(args: Readonly<Record<string, string>>) {
    this.#values = Object.entries(args)
      .filter(([, value]) => value !== "")
      // The longest first: it may contain another one.
      .sort(([, one], [, other]) => other.length - one.length)
      .map(([name, value]) => ({ name, expression: expressionOf(value) }));
  }

  /** The text, with names in place of the values. */
  hide(text: string): string {
    return this.#values.reduce(
      (hidden, { name, expression }) => hidden.replaceAll(expression, () => `<${name}>`),
      text,
    );
  }
}

function expressionOf(value: string): RegExp {
  const literal = value.replaceAll(/[\^$\\.*+?()[\]{}|/]/g, "\\$&");
  return new RegExp(value.length < SHORT ? `(?<![\\w.])${literal}(?![\\w.])` : literal, "g");
}
