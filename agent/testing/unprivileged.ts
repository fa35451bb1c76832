import { runInOwnProcess } from "./own_process.ts";

/** What is taken from a superuser, so that the modes of files hold for him. */
const OVERRIDES = "-dac_override,-dac_read_search,-fsetid";

/**
 * Runs a module's code in a program of its own, with `args` as its `Deno.args`, as somebody for whom
 * the modes of files hold: the user of the test, but not with a superuser's power over them. Rejects
 * with what the program wrote when it fails. A superuser needs `setpriv` for it.
 */
export async function runUnprivileged(code: string, args: readonly string[]): Promise<void> {
  const wrapper = Deno.uid() === 0 ? ["setpriv", "--bounding-set", OVERRIDES] : [];
  await runInOwnProcess(code, args, wrapper);
}
