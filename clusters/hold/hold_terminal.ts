/** The terminal on which the tests were started, whatever the standard streams are: `deno test` hides them. */
const TERMINAL = "/dev/tty";

/** Fields of `/proc/self/stat` behind the command: the group, and the one that has the terminal. */
const [GROUP, FOREGROUND] = [2, 5];

/**
 * Whether a person can be asked: there is a terminal, this process is not in its background, and the
 * variable `CI` does not say that no person sits there.
 */
export function isSomebodyThere(): boolean {
  return !isContinuousIntegration() && hasTerminal() && isInForeground();
}

/** Shows a text on the terminal. */
export function showOnTerminal(text: string): void {
  using terminal = Deno.openSync(TERMINAL, { write: true });
  let rest = new TextEncoder().encode(text);
  while (rest.length > 0) rest = rest.subarray(terminal.writeSync(rest));
}

/**
 * Resolves when Enter is pressed, or when the terminal is gone; rejects with the reason of `signal`.
 * A process of its own reads: a read of this one could not be ended, and would take what is typed
 * later.
 */
export async function awaitEnter(signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const reader = new Deno.Command("sh", {
    args: ["-c", `read -r line <${TERMINAL}`],
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  const end = () => reader.kill("SIGKILL");
  signal.addEventListener("abort", end);
  try {
    await reader.status;
  } finally {
    signal.removeEventListener("abort", end);
  }
  signal.throwIfAborted();
}

function isContinuousIntegration(): boolean {
  return !["", "0", "false"].includes(Deno.env.get("CI") ?? "");
}

function hasTerminal(): boolean {
  try {
    Deno.openSync(TERMINAL, { read: true, write: true }).close();
    return true;
  } catch {
    return false;
  }
}

/** Who reads from a terminal in its background is stopped. */
function isInForeground(): boolean {
  if (Deno.build.os !== "linux") return isInForegroundByPs();
  const stat = Deno.readTextFileSync("/proc/self/stat");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return fields[GROUP] === fields[FOREGROUND];
}

function isInForegroundByPs(): boolean {
  const args = ["-o", "pgid=,tpgid=", "-p", `${Deno.pid}`];
  const { stdout } = new Deno.Command("ps", { args, stderr: "null" }).outputSync();
  const [group, foreground] = new TextDecoder().decode(stdout).trim().split(/\s+/);
  return group === foreground;
}
