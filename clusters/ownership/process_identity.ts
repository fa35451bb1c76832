import { createHash } from "node:crypto";
import process from "node:process";
import type { ProcessIdentity } from "../kit/mod.ts";

/** The state of a process as it is seen here; `"unknown"` when its number means nothing here. */
export type ProcessState = "alive" | "gone" | "unknown";

/** The identity of this process, which no other has. Linux and macOS. */
export function currentProcess(): ProcessIdentity {
  const start = startOf(Deno.pid);
  if (start === undefined || start === HIDDEN) {
    throw new Error(
      "Cannot tell when this process was started, by /proc or ps: run tests with --allow-all",
    );
  }
  return { namespace: currentNamespace(), pid: Deno.pid, start };
}

/**
 * Whether a process is alive. Only one of the same boot of the same kernel, in the same namespace, can
 * be judged: a machine that booted again looks like its clone, which has the same machine id.
 */
export function stateOf({ namespace, pid, start }: ProcessIdentity): ProcessState {
  if (namespace !== currentNamespace()) return "unknown";
  const found = startOf(pid);
  if (found === HIDDEN) return "unknown";
  return found === start ? "alive" : "gone";
}

/** Whether the process is known to have ended. */
export function isGone(identity: ProcessIdentity): boolean {
  return stateOf(identity) === "gone";
}

/** What there is instead of a start when a process is there and its user hides it. */
const HIDDEN = "hidden";

/**
 * Identifies the scope of process numbers: the boot and the namespace. The id of the boot is random, so no
 * other machine has it; the machine id is in it as well, for a machine that was cloned while it ran.
 */
function currentNamespace(): string {
  const parts = Deno.build.os === "linux"
    ? [
      Deno.readTextFileSync("/proc/sys/kernel/random/boot_id"),
      readText("/etc/machine-id"),
      // Containers number their processes anew, and may count time anew.
      readLink("/proc/self/ns/pid"),
      readLink("/proc/self/ns/time"),
    ]
    // Unlike the time of the boot, it does not move with the clock.
    : [outputOf("sysctl", ["-n", "kern.bootsessionuuid"])];
  if (parts[0] === undefined) {
    throw new Error("Cannot tell which boot this is: sysctl does not say");
  }
  return createHash("sha256").update(parts.join("\n")).digest("hex").slice(0, 16);
}

/** When a process was started; `undefined` if there is none, or only what is left of it. */
function startOf(pid: number): string | undefined {
  if (Deno.build.os !== "linux") return startByPs(pid);
  try {
    // The second field is the command in parentheses, which may hold anything.
    const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const [state] = fields;
    return state === "Z" || state === "X" ? undefined : fields[19];
  } catch {
    // Where /proc is mounted with hidepid, processes of other users are not in it.
    return exists(pid) ? HIDDEN : undefined;
  }
}

/** In seconds since the epoch: the text that `ps` gives depends on the locale and the time zone. */
export function startByPs(pid: number): string | undefined {
  const text = outputOf("ps", ["-o", "lstart=", "-p", `${pid}`], { LC_ALL: "C", TZ: "UTC" });
  const seconds = Date.parse(`${text} UTC`) / 1000;
  return Number.isNaN(seconds) ? undefined : `${seconds}`;
}

function exists(pid: number): boolean {
  try {
    // Signal 0 is only asked about.
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as { code?: string }).code === "EPERM";
  }
}

function readText(path: string): string {
  try {
    return Deno.readTextFileSync(path).trim();
  } catch {
    return "";
  }
}

function readLink(path: string): string {
  try {
    return Deno.readLinkSync(path);
  } catch {
    return "";
  }
}

function outputOf(
  command: string,
  args: string[],
  env: Record<string, string> = {},
): string | undefined {
  const { success, stdout } = new Deno.Command(command, { args, env, stderr: "null" }).outputSync();
  const text = new TextDecoder().decode(stdout).trim();
  return success && text !== "" ? text : undefined;
}
