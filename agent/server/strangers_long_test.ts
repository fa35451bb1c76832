import { checkStrangers } from "../testing/strangers.ts";

Deno.test({
  name: "tens of thousands of connections without a certificate cost an agent little memory",
  ignore: Deno.build.os !== "linux",
  fn: () => checkStrangers({ bytes: 30_000, handshakes: 30_000 }),
});
