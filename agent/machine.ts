/** Ways to switch a machine off, best first: not every image has all of them. */
const SHUTDOWNS: readonly (readonly string[])[] = [
  ["/sbin/poweroff"],
  ["/usr/sbin/poweroff"],
  ["/bin/systemctl", "poweroff"],
  ["/usr/bin/systemctl", "poweroff"],
  ["/sbin/shutdown", "-h", "now"],
  ["/bin/busybox", "poweroff"],
];

/** Asks the kernel itself: it does not even write what is in memory to the disks. */
const SYSRQ = "/proc/sysrq-trigger";

/** Switches the machine off, by whatever works. Each attempt that fails is a line of the log. */
export async function shutDown(log: (line: string) => void): Promise<void> {
  for (const [command, ...args] of SHUTDOWNS) {
    try {
      const { success, stderr } = await new Deno.Command(command!, { args }).output();
      if (success) return;
      log(`cannot shut down by ${command}: ${new TextDecoder().decode(stderr).trim()}`);
    } catch (error) {
      log(`cannot shut down by ${command}: ${(error as Error).message}`);
    }
  }
  try {
    await Deno.writeTextFile(SYSRQ, "o");
  } catch (error) {
    log(`cannot shut down by ${SYSRQ}: ${(error as Error).message}`);
  }
}
