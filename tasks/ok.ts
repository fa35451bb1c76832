// deno-lint-ignore-file no-console -- a task talks to its terminal
/**
 * The one gate: everything that must hold before a commit, here and in CI alike.
 *
 * `deno task ok` runs all of it; `deno task ok lint check` runs the named steps only.
 *
 * @module
 */

/** The steps, in the order in which they fail fastest. */
const steps: Record<string, string[]> = {
  "fmt": ["fmt", "--check"],
  "lint": ["lint"],
  "check": ["check", "--doc", "."],
  "doc-lint": ["doc", "--quiet", "--lint", ...await exportedModules()],
  "publish": ["publish", "--dry-run", "--allow-dirty"],
  "test": ["task", "test"],
};

/** The modules that the package exports, as `deno.json` lists them. */
async function exportedModules(): Promise<string[]> {
  const config = JSON.parse(await Deno.readTextFile(new URL("../deno.json", import.meta.url)));
  return Object.values(config.exports as Record<string, string>);
}

/** Runs one step with the terminal of this process; resolves to whether it passed. */
async function passes(name: string, args: string[]): Promise<boolean> {
  const started = performance.now();
  const { success } = await new Deno.Command(Deno.execPath(), { args }).spawn().status;
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.error(`${success ? "ok    " : "FAILED"} ${name} (${seconds} s): deno ${args.join(" ")}`);
  return success;
}

const unknown = Deno.args.filter((name) => !(name in steps));
if (unknown.length > 0) {
  console.error(`Unknown step "${unknown[0]}": the steps are ${Object.keys(steps).join(", ")}`);
  Deno.exit(2);
}
const chosen = Deno.args.length > 0 ? Deno.args : Object.keys(steps);
const failed: string[] = [];
for (const name of chosen) {
  if (!await passes(name, steps[name]!)) failed.push(name);
}
if (failed.length > 0) {
  console.error(`Failed: ${failed.join(", ")}`);
  Deno.exit(1);
}
