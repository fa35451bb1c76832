/**
 * What some tests need of the machine that they run on: an engine, an emulator, a privilege.
 *
 * @module
 */
import { messageOf } from "../agent/host/described_error.ts";

/**
 * Looks for something that not every machine has. Resolves to what `find` resolves to; if that
 * rejects, says in one line that tests did not run and why, and resolves to `undefined`. That is said
 * once, however many modules of a test run ask.
 *
 * `CLUSTERTEST_REQUIRE` names requirements that have to be met, separated by commas; then it throws
 * instead. `all` names every one of them: where everything is to be tested, nothing is left out.
 *
 * ```ts
 * import { requirement } from "./requirement.ts";
 *
 * const shell = await requirement("shell", () => Deno.realPath("/bin/sh"));
 * Deno.test({ name: "the shell is there", ignore: shell === undefined, fn: () => {} });
 * ```
 */
export async function requirement<T>(name: string, find: () => Promise<T>): Promise<T | undefined> {
  try {
    return await find();
  } catch (error) {
    const reason = messageOf(error);
    if (isRequired(name)) {
      throw new Error(`Cannot run the tests that need ${name}: ${reason}`, { cause: error });
    }
    sayOnce(`Tests that need ${name} did not run: ${reason}\n`);
    return undefined;
  }
}

/** Holds what was said: the environment is all that the modules of a test run have in common. */
const SAID = "CLUSTERTEST_UNMET";

function sayOnce(line: string): void {
  const said = Deno.env.get(SAID) ?? "";
  if (said.includes(line)) return;
  Deno.env.set(SAID, said + line);
  Deno.stderr.writeSync(new TextEncoder().encode(line));
}

function isRequired(name: string): boolean {
  const required = Deno.env.get("CLUSTERTEST_REQUIRE") ?? "";
  return required.split(",").some((each) => ["all", name].includes(each.trim()));
}
