import { strictEqual } from "node:assert/strict";
import { publicUrl } from "./transfer_events.ts";

const SHOWN: readonly (readonly [url: string | URL, shown: string])[] = [
  ["http://joe:pass@host:81/a/b?token=x#y", "http://host:81/a/b"],
  [new URL("https://joe@host/"), "https://host/"],
  ["ftp://joe:pass@host/a", "ftp://host/a"],
  ["/health?token=x", "/health"],
  ["health#x\n?y", "health"],
  ["data:text/plain,here", "data:text/plain,here"],
];

for (const [url, shown] of SHOWN) {
  Deno.test(`publicUrl() shows ${JSON.stringify(shown)} of ${JSON.stringify(String(url))}`, () => {
    strictEqual(publicUrl(url), shown);
  });
}
