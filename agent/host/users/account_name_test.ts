import { deepStrictEqual, throws } from "node:assert/strict";
import { parseOwnerName, parseUserName } from "./account_name.ts";

const USERS: readonly (readonly [text: string, user: unknown, group?: unknown])[] = [
  ["postgres", "postgres"],
  ["postgres:adm", "postgres", "adm"],
  ["1000", 1000],
  ["0:4294967294", 0, 4294967294],
  ["web-data$:x.y", "web-data$", "x.y"],
  ["postgres:", "postgres"],
];

const WRONG: readonly unknown[] = [
  ...["", ":", ":adm", "a:b:c", " a", "a b", "a\n", "a\0", "a/b", "-a", "a:-b", "\u0085"],
  ...["4294967295", "1:4294967295", "99999999999999999999", "x".repeat(513)],
  ...[undefined, null, 5, {}, ["root"], new String("root")],
];

Deno.test("parseUserName() reads names and numbers", () => {
  for (const [text, user, group] of USERS) {
    deepStrictEqual(parseUserName(text, "It"), { user, group });
  }
});

Deno.test("parseUserName() refuses what is neither, and says what it must be", () => {
  for (const text of WRONG) {
    throws(() => parseUserName(text, "It"), {
      name: "TypeError",
      message: /^It must be a name or a number, or both .*, not /s,
    }, Deno.inspect(text));
  }
});

Deno.test("parseOwnerName() lets each part be missing", () => {
  deepStrictEqual(parseOwnerName(":adm", "It"), { user: undefined, group: "adm" });
  deepStrictEqual(parseOwnerName("1:", "It"), { user: 1, group: undefined });
  deepStrictEqual(parseOwnerName(":", "It"), { user: undefined, group: undefined });
  throws(() => parseOwnerName("", "It"), TypeError);
});
