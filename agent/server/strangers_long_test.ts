import { checkStrangers } from "../testing/strangers.ts";

Deno.test({
  name: "a hundred thousand connections without a certificate cost an agent little memory",
  ignore: Deno.build.os !== "linux",
  fn: () => checkStrangers({ bytes: 100_000, handshakes: 100_000 }),
});
