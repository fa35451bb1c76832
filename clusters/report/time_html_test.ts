import { strictEqual } from "node:assert/strict";
import { timeHtml } from "./time_html.ts";

Deno.test("timeHtml() is a link to a moment, whatever its node is called", () => {
  strictEqual(timeHtml(1500).text, '<a href="#t=1.500">1.500 s</a>');
  const links = [
    [{ node: "a&b", process: 7 }, "&#38;node=a%26b&#38;process=7"],
    [{ node: "", cluster: "c", kind: "lane" }, "&#38;node=c%2Ftests&#38;kind=lane"],
    [{ node: "\ud800" }, "&#38;node=%EF%BF%BD"],
  ] as const;
  for (const [thing, part] of links) {
    strictEqual(timeHtml(0, thing).text, `<a href="#t=0.000${part}">0.000 s</a>`);
  }
});
