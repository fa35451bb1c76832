import type { ProcessIdentity } from "../kit/mod.ts";

/** Tells this process apart from all others. Linux and macOS. */
export function currentProcess(): ProcessIdentity {
  const start = startOf(Deno.pid);
  if (start === undefined) {
    throw new Error(
      "Cannot tell when this process was started, by /proc or ps: run tests with --allow-all",
    );
  }
  return { host: currentHost(), boot: currentBoot(), pid: Deno.pid, start };
}

/**
 * Whether the process is known to have ended. Of one on another host nothing is known, so it is not.
 */
export function isGone({ host, boot, pid, start }: ProcessIdentity): boolean {
  if (host !== currentHost()) return false;
  return boot !== currentBoot() || startOf(pid) !== start;
}

/** Within a container, processes are numbered anew: it counts as a host of its own. */
function currentHost(): string {
  const numbering = Deno.build.os === "linux" ? `/${Deno.readLinkSync("/proc/self/ns/pid")}` : "";
  return `${Deno.hostname()}${numbering}`;
}

function currentBoot(): string {
  if (Deno.build.os === "linux") {
    return Deno.readTextFileSync("/proc/sys/kernel/random/boot_id").trim();
  }
  return outputOf("sysctl", ["-n", "kern.boottime"]) ?? "";
}

/** When a process was started; `undefined` if there is none, or only what is left of it. */
function startOf(pid: number): string | undefined {
  if (Deno.build.os !== "linux") return outputOf("ps", ["-o", "lstart=", "-p", `${pid}`]);
  try {
    // The second field is the command in parentheses, which may hold anything.
    const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const [state] = fields;
    return state === "Z" || state === "X" ? undefined : fields[19];
  } catch {
    return undefined;
  }
}

function outputOf(command: string, args: string[]): string | undefined {
  const { success, stdout } = new Deno.Command(command, { args, stderr: "null" }).outputSync();
  const text = new TextDecoder().decode(stdout).trim();
  return success && text !== "" ? text : undefined;
}
