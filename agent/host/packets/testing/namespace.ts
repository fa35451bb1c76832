import { fileURLToPath } from "node:url";

/** A network of its own, in which only its loopback is: what is done there concerns nobody else. */
const SETUP = 'ip link set lo up && exec "$@"';

/** Rejects where tests cannot have a network namespace. */
export async function checkNamespaces(): Promise<true> {
  const { success, stderr } = await unshared(["true"]).output();
  if (!success) throw new Error(`no network namespace: ${new TextDecoder().decode(stderr).trim()}`);
  return true;
}

/** A command that runs in a network of its own, and is not started yet. */
export function unshared(command: readonly string[]): Deno.Command {
  const args = ["--net", "sh", "-c", SETUP, "sh", ...command];
  return new Deno.Command("unshare", { args, stdout: "piped", stderr: "piped" });
}

/** Runs a module in a network of its own. Rejects with what it wrote when it fails. */
export async function runInNamespace(module: URL, args: readonly string[]): Promise<string> {
  const deno = [Deno.execPath(), "run", "-A", "--no-check", "--quiet", fileURLToPath(module)];
  const { success, stdout, stderr } = await unshared([...deno, ...args]).output();
  const decoder = new TextDecoder();
  if (!success) throw new Error(decoder.decode(stderr));
  return decoder.decode(stdout);
}
