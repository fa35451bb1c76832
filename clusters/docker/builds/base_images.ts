/** An instruction of a Dockerfile, in capitals, and what follows it. */
interface Instruction {
  readonly name: string;
  readonly rest: string;
}

/**
 * References of the images that a build begins with, or copies from, as far as they can be told from
 * its Dockerfile. When one of them comes to mean another image, so does what is built.
 */
export function baseImages(dockerfile: string, args: Readonly<Record<string, string>>): string[] {
  const variables = new Map<string, string>();
  const stages = new Set<string>(["scratch"]);
  const found = new Set<string>();
  let hasBegun = false;
  for (const { name, rest } of instructionsOf(dockerfile)) {
    if (name === "ARG" && !hasBegun) {
      for (const [key, value] of defaultsIn(rest)) variables.set(key, args[key] ?? value);
    } else if (name === "FROM") {
      hasBegun = true;
      const [image = "", as, stage] = rest.split(/\s+/).filter((word) => !word.startsWith("--"));
      const base = expanded(image, variables);
      if (!stages.has(base.toLowerCase())) found.add(base);
      if (as?.toUpperCase() === "AS" && stage) stages.add(stage.toLowerCase());
    } else if (name === "COPY") {
      const from = /^(?:--\S+\s+)*?--from=(\S+)/.exec(rest)?.[1];
      if (from && !/^\d+$/.test(from) && !stages.has(from.toLowerCase())) found.add(from);
    }
  }
  return [...found].filter((image) => image !== "").sort();
}

function* instructionsOf(dockerfile: string): Generator<Instruction> {
  const mark = /^#\s*escape\s*=\s*`/im.test(dockerfile) ? "`" : "\\";
  let whole = "";
  for (const line of dockerfile.replace(/^\ufeff/, "").split(/\r?\n/)) {
    const text = line.trim();
    if (text.startsWith("#") || text === "" && whole !== "") continue;
    whole += text;
    if (whole.endsWith(mark)) {
      whole = `${whole.slice(0, -1)} `;
      continue;
    }
    const [, name, rest = ""] = /^(\w+)\s+(.*)$/s.exec(whole) ?? [];
    if (name !== undefined) yield { name: name.toUpperCase(), rest: rest.trim() };
    whole = "";
  }
}

/** Names and values in what follows `ARG`; without a value, the name stands for nothing. */
function defaultsIn(text: string): [string, string][] {
  return [...text.matchAll(/(\w+)(?:=("[^"]*"|'[^']*'|\S*))?/g)].map(([, name, value = ""]) => [
    name!,
    value.replace(/^(["'])(.*)\1$/s, "$2"),
  ]);
}

function expanded(text: string, variables: ReadonlyMap<string, string>): string {
  return text.replaceAll(/\$(?:(\w+)|\{(\w+)(?::-([^}]*))?\})/g, (_, plain, name, otherwise) => {
    const value = variables.get(plain ?? name) ?? "";
    return value === "" ? otherwise ?? "" : value;
  });
}
