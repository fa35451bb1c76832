import type { MadePart, MadeWith } from "./made_with.ts";
import { type Html, markup } from "./markup.ts";

/** What a test ran on, to be read without any script. */
export function madeHtml(made: MadeWith | undefined): Html | undefined {
  if (!made) return undefined;
  const { backends, nodes, nodesMore, seeds } = made;
  const more = nodesMore === 0
    ? undefined
    : markup`<dt>${nodesMore} more</dt> <dd>See <code>run.json</code> beside this page.</dd>`;
  const chances = seeds.map(({ action, seed }) =>
    markup`<dt>seed ${seed}</dt> <dd>repeats the chance of: ${action}</dd>`
  );
  return markup`<h3>What it ran on</h3>
<dl class="made">${backends.map(partHtml)}${nodes.map(partHtml)}${more}${chances}</dl>`;
}

function partHtml({ name, options }: MadePart): Html {
  const listed = options.map((option) => markup`<code>${option}</code> `);
  return markup`<dt>${name}</dt> <dd>${listed.length > 0 ? listed : "without options"}</dd> `;
}
