/**
 * Throws unless it looks like the name of a signal. Which names there are the system of the node says; a
 * number would be another signal on another system.
 */
export function checkSignal(signal: unknown): void {
  if (typeof signal === "string" && /^SIG[A-Z0-9]+$/.test(signal)) return;
  throw new TypeError(
    `Cannot send a signal: it has a name such as "SIGTERM", not ${Deno.inspect(signal)}`,
  );
}
