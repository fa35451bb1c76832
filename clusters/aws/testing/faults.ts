/**
 * What goes wrong. All of it can be changed at any time, and holds from the next call or launch on.
 */
export class Faults {
  /** Milliseconds for which an instance that was launched is not yet known. */
  unseenFor = 0;
  /** Milliseconds for which an instance stays `pending` at least. */
  pendingFor = 0;
  /** How many instances each zone still has room for; a zone that is not named has plenty. */
  readonly roomIn = new Map<string, number>();
  /**
   * How many of the next instances of each zone are launched and then ended, as there is no room for
   * them: `pending`, then `terminated`.
   */
  readonly refusedIn = new Map<string, number>();
  /** Launches in these zones go on only then. */
  readonly heldIn = new Map<string, Promise<void>>();
  /** Whether there is no room for spot instances anywhere. */
  noSpotRoom = false;
  /** Virtual processors that the account may run; more is `VcpuLimitExceeded`. */
  vCpuLimit = Infinity;
  /** Instances that the account may run; more is `InstanceLimitExceeded`. */
  instanceLimit = Infinity;
  /** Entries that a page of any list has at most, even if more are asked for. */
  pageSize = 1000;
  /** How many of the next calls of an action are throttled: `"ec2:RunInstances"`, or `"*"`. */
  readonly throttled = new Map<string, number>();
  /**
   * How many of the next calls of an action are done and their answers lost: the client cannot tell
   * whether they were.
   */
  readonly unanswered = new Map<string, number>();
  /** Actions that are denied: `"ec2:RunInstances"`. */
  readonly denied = new Set<string>();
  /** Whether the credentials have expired. */
  credentialsExpired = false;
  /** How many of the next instances never run their user data: they boot, and that is all. */
  silentBoots = 0;
  /** How many of the next instances fail to launch: `pending`, then `terminated`. */
  failedBoots = 0;
  /** Resources of stacks that cannot be made, with the reason: by their logical id or type. */
  readonly brokenResources = new Map<string, string>();

  /** Whether the next call of an action is one of those that `counts` says. Counts it down. */
  take(counts: Map<string, number>, action: string): boolean {
    const name = [action, "*"].find((each) => (counts.get(each) ?? 0) > 0);
    if (name === undefined) return false;
    counts.set(name, counts.get(name)! - 1);
    return true;
  }
}
