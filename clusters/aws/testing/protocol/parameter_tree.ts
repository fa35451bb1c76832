/** Parameters as Query protocols nest them: `Filter.1.Value.2=x`. */
export interface ParameterTree {
  value?: string;
  readonly children: Map<string, ParameterTree>;
}

/** Builds the tree of a form's parameters. */
export function parameterTree(form: URLSearchParams): ParameterTree {
  const root: ParameterTree = { children: new Map() };
  for (const [name, value] of form) nodeAt(root, name.split(".")).value = value;
  return root;
}

function nodeAt(root: ParameterTree, path: readonly string[]): ParameterTree {
  let node = root;
  for (const part of path) {
    const child = node.children.get(part) ?? { children: new Map() };
    node.children.set(part, child);
    node = child;
  }
  return node;
}
