import assert from "node:assert/strict";
import { join } from "node:path";
import { shutDown } from "./shut_down.ts";

Deno.test("shutDown() goes on to the next way when one fails, or does not end", async () => {
  const dir = await Deno.makeTempDir();
  try {
    const trigger = join(dir, "trigger");
    await Deno.writeTextFile(trigger, "");
    const commands = [
      [join(dir, "missing")],
      ["sh", "-c", "echo it fails >&2; exit 1"],
      ["sleep", "1000"],
    ];
    const lines: string[] = [];
    await shutDown((line) => lines.push(line), { commands, trigger, timeout: 5_000 });
    assert.match(lines[0]!, /^cannot shut down by .*missing: /);
    assert.equal(lines[1], "cannot shut down by sh: it fails");
    assert.equal(lines[2], "cannot shut down by sleep: It took more than 5000 ms");
    assert.equal(lines.length, 3);
    assert.equal(await Deno.readTextFile(trigger), "o");
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});
