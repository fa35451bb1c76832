import { deepStrictEqual, match, ok, strictEqual, throws } from "node:assert/strict";
import { type BootPlan, bootScript } from "./boot_script.ts";

const plan: BootPlan = {
  launch: { caCertificate: "-----BEGIN CERTIFICATE-----\nMII\n", token: "0123" },
  agent: { url: "https://bucket.example/agents/a.tar.gz?X-Amz-Signature=ab&b='c'", sha256: "abcd" },
  pack: {
    command: (dir) => [`${dir}/lib/ld.so`, "--library-path", `${dir}/lib`, `${dir}/agent`],
    env: { DENO_DIR: "/dev/null/x", NO_COLOR: "1" },
  },
  port: 17443,
  lease: 60_000,
  startTimeout: 300_000,
  maxLife: 90_000,
  mostBytes: 16 * 1024,
};

/** What a shell says of a script, or of a part of one. */
async function sh(args: string[]): Promise<string> {
  const { code, stdout, stderr } = await new Deno.Command("sh", { args }).output();
  strictEqual(code, 0, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}

Deno.test("bootScript() gives what a shell can read", async () => {
  await sh(["-n", "-c", bootScript(plan)]);
});

Deno.test("bootScript() has an agent wait for its runner as long as a start may take, and no longer than it may live", () => {
  const script = bootScript({ ...plan, startTimeout: 70_500 });
  match(script, / --lease 60 --start-timeout 71 /);
  match(bootScript({ ...plan, startTimeout: Infinity }), / --start-timeout 90 /);
});

Deno.test("bootScript() sets the end of an instance before it fetches anything", () => {
  const script = bootScript(plan);
  const [end, fetch] = [script.indexOf("shutdown -P +$left"), script.indexOf("curl ")];
  ok(end > 0 && end < fetch);
  match(script, /^minutes=2$/m);
  match(bootScript({ ...plan, maxLife: 1 }), /^minutes=1$/m);
});

Deno.test("bootScript() tells the certificate, the token and where the agent is, and no more", () => {
  const launch = { ...plan.launch, env: { SECRET: "hidden" }, privateKey: "hidden" };
  const script = bootScript({ ...plan, launch });
  const [line] = script.split("\n").filter((each) => each.startsWith("{"));
  deepStrictEqual(JSON.parse(line!), plan.launch);
  strictEqual(script.includes("hidden"), false);
});

Deno.test("bootScript() hands an address on as it is, whatever is in it", async () => {
  const line = bootScript(plan).split("\n").find((each) => each.trim().startsWith("url="));
  strictEqual(await sh(["-c", `${line}; printf %s "$url"`]), plan.agent.url);
});

Deno.test("bootScript() refuses what EC2 would not take", () => {
  const launch = { caCertificate: "x".repeat(16_384), token: "0" };
  throws(() => bootScript({ ...plan, launch }), /Cannot launch instances: their user data has/);
});
