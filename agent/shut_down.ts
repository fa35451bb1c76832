import { Deadline } from "./deadline.ts";
import { settledWithin } from "./settled_within.ts";
import { unlessAborted } from "./unless_aborted.ts";

/** Ways to switch a machine off, best first: not every image has all of them. */
export const SHUTDOWNS: readonly (readonly string[])[] = [
  ["/sbin/poweroff"],
  ["/usr/sbin/poweroff"],
  ["/bin/systemctl", "poweroff"],
  ["/usr/bin/systemctl", "poweroff"],
  ["/sbin/shutdown", "-h", "now"],
  ["/bin/busybox", "poweroff"],
];

/** Asks the kernel itself: it does not even write what is in memory to the disks. */
export const SYSRQ = "/proc/sysrq-trigger";

/** Milliseconds that each way may take: a command may wait for something that does not come. */
const TIMEOUT = 10_000;

/** Milliseconds in which a command ends that was killed, unless a call of the system holds it. */
const KILL_TIME = 1_000;

/** How a machine is switched off. */
export interface ShutDownOptions {
  /** Commands, best first. @default those that Linux systems have */
  readonly commands?: readonly (readonly string[])[] | undefined;
  /** The file by which the kernel is asked. @default "/proc/sysrq-trigger" */
  readonly trigger?: string | undefined;
  /** Milliseconds for each. @default 10000 */
  readonly timeout?: number | undefined;
}

/** Switches the machine off, by whatever works. Each attempt that fails is a line of the log. */
export async function shutDown(
  log: (line: string) => void,
  { commands = SHUTDOWNS, trigger = SYSRQ, timeout = TIMEOUT }: ShutDownOptions = {},
): Promise<void> {
  for (const command of commands) {
    try {
      return await runWithin(timeout, command);
    } catch (error) {
      log(`cannot shut down by ${command[0]}: ${(error as Error).message}`);
    }
  }
  const asked = Deno.writeTextFile(trigger, "o", { create: false }).catch((error: Error) => {
    log(`cannot shut down by ${trigger}: ${error.message}`);
  });
  await settledWithin(timeout, asked);
}

/** Runs a command; rejects when it fails, or does not end in time, whatever holds it. */
async function runWithin(timeout: number, [command, ...args]: readonly string[]): Promise<void> {
  const child = new Deno.Command(command!, { args, stderr: "piped", stdout: "null" }).spawn();
  const output = child.output();
  using deadline = new Deadline(timeout);
  try {
    const { success, stderr } = await unlessAborted(output, deadline.signal);
    if (!success) throw new Error(new TextDecoder().decode(stderr).trim());
  } catch (error) {
    if (deadline.isOver) {
      child.kill("SIGKILL");
      await settledWithin(KILL_TIME, output);
    }
    throw error;
  }
}
