/**
 * Prints what can be known here of the process that the argument describes: as a program, because a
 * process cannot enter other namespaces by itself.
 *
 * @module
 */
import { parseIdentity } from "../identity_text.ts";
import { stateOf } from "../process_identity.ts";

if (import.meta.main) {
  const state = stateOf(parseIdentity(Deno.args[0])!);
  Deno.stdout.writeSync(new TextEncoder().encode(state));
}
