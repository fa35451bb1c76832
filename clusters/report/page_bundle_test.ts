import { ok, strictEqual } from "node:assert/strict";
import { PAGE_BUNDLE, pageBundle } from "./build_page.ts";
import { PAGE_SCRIPT, PAGE_STYLE } from "./page_bundle.ts";

Deno.test("the page's bundle is what its sources make", async () => {
  strictEqual(
    await Deno.readTextFile(PAGE_BUNDLE),
    await pageBundle(),
    "run: deno task report:page",
  );
});

Deno.test("the page's bundle ends no element, and points nowhere", () => {
  for (const text of [PAGE_SCRIPT, PAGE_STYLE]) {
    ok(!/<\/(script|style)|<!--/i.test(text));
    ok(!/https?:\/\/|@import|url\(/i.test(text));
  }
});
