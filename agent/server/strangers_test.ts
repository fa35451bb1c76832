import { checkStrangers } from "../testing/strangers.ts";

Deno.test({
  name: "thousands of connections without a certificate cost an agent little memory",
  ignore: Deno.build.os !== "linux",
  fn: () => checkStrangers({ bytes: 6_000, handshakes: 6_000 }),
});
