/**
 * Resolves to how a child ended.
 *
 * Deno's own status rejects after a signal that Deno has no name for, of which Linux has some thirty:
 * the real-time ones. Such an end has a code that tells the signal, and no name of it. Deno then
 * keeps its resource for the child, a few bytes that nothing can close; tests see them as a leak.
 */
export async function childStatus(
  { status }: Pick<Deno.ChildProcess, "status">,
): Promise<Deno.CommandStatus> {
  try {
    return await status;
  } catch (error) {
    const number = unnamedSignal(error);
    if (number === undefined) throw error;
    return { success: false, code: 128 + number, signal: null };
  }
}

/** The number of the signal; Deno has it nowhere but in the message. */
function unnamedSignal(error: unknown): number | undefined {
  const [, number] = /^Invalid signal: (\d+)$/.exec((error as Error).message) ?? [];
  return number === undefined ? undefined : Number(number);
}
