/** Runs a program of this machine; resolves to its output, or rejects with what it complained of. */
export async function run(
  command: string,
  args: readonly string[],
  options: { cwd?: string; env?: Record<string, string> } = {},
): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(command, {
    args: [...args],
    ...options,
  }).output();
  const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
  if (success) return decode(stdout);
  throw new Error(`"${command} ${args.join(" ")}" failed: ${decode(stderr) || decode(stdout)}`);
}
