import { strictEqual } from "node:assert/strict";
import { markup } from "./markup.ts";

Deno.test("markup`` escapes texts, and nothing that it made itself", () => {
  const inner = markup`<b title="${`"'`}">${"<i>&"}</b>`;
  strictEqual(inner.text, '<b title="&#34;&#39;">&#60;i&#62;&#38;</b>');
  strictEqual(markup`<p>${inner}${[inner, inner]}${undefined}${0}</p>`.text.split("<b").length, 4);
});

Deno.test("markup`` shows what a terminal would obey as text", () => {
  strictEqual(markup`${"a\x1b[31mb\x1b[2J\nc\u202e"}`.text, "ab\\x1b[2J\nc\\u202e");
});
