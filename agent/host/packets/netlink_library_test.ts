import { notStrictEqual, strictEqual } from "node:assert/strict";
import { NetlinkLibrary } from "./netlink_library.ts";

const ignore = Deno.build.os !== "linux";

Deno.test({
  name: "NetlinkLibrary is loaded once for all that use it at a time, and until the last has ended",
  ignore,
  fn() {
    const first = new NetlinkLibrary();
    const { symbols } = first;
    using second = new NetlinkLibrary();
    strictEqual(second.symbols, symbols);
    first[Symbol.dispose]();
    first[Symbol.dispose]();
    using third = new NetlinkLibrary();
    strictEqual(third.symbols, symbols);
  },
});

Deno.test({
  name: "NetlinkLibrary is loaded anew once nobody uses it any more",
  ignore,
  fn() {
    const first = new NetlinkLibrary();
    const { symbols } = first;
    first[Symbol.dispose]();
    using second = new NetlinkLibrary();
    notStrictEqual(second.symbols, symbols);
  },
});
