/** How a peer's program is run. */
export interface ProgramOptions {
  readonly cwd?: string;
  readonly env?: Record<string, string>;
}

/** Runs a program of this machine; resolves to what it wrote, or rejects with what it complained of. */
export async function runProgram(
  command: string,
  args: readonly string[],
  options: ProgramOptions = {},
): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(command, {
    args: [...args],
    stdin: "null",
    ...options,
  }).output();
  const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
  if (success) return decode(stdout);
  throw new Error(`"${command} ${args.join(" ")}" failed: ${decode(stderr) || decode(stdout)}`);
}

/** Reads all that a program writes, and drops it; rejects unless it was so many bytes. */
export async function readOutput(
  command: string,
  args: readonly string[],
  bytes: number,
): Promise<void> {
  const child = new Deno.Command(command, {
    args: [...args],
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  await drain(child.stdout, bytes);
  await child.status;
}

/** Writes so many zeros to a program, and waits for its end. */
export async function writeInput(
  command: string,
  args: readonly string[],
  bytes: number,
): Promise<void> {
  const child = new Deno.Command(command, {
    args: [...args],
    stdin: "piped",
    stdout: "null",
    stderr: "null",
  }).spawn();
  await fill(child.stdin, bytes);
  const { success } = await child.status;
  if (!success) throw new Error(`"${command}" failed`);
}

/** Bytes that are written at a time, as a test that streams something would. */
const CHUNK = new Uint8Array(64 * 1024);

/** Writes so many zeros, and closes. */
export async function fill(target: WritableStream<Uint8Array>, bytes: number): Promise<void> {
  const writer = target.getWriter();
  for (let left = bytes; left > 0; left -= CHUNK.length) {
    await writer.write(left < CHUNK.length ? CHUNK.subarray(0, left) : CHUNK);
  }
  await writer.close();
}

/** Reads to the end; rejects unless it was so many bytes. */
export async function drain(source: ReadableStream<Uint8Array>, bytes: number): Promise<void> {
  let size = 0;
  for await (const chunk of source) size += chunk.length;
  if (size !== bytes) throw new Error(`Only ${size} of ${bytes} bytes came`);
}
