import type { Engine } from "./engine/engine.ts";
import { type EngineTraits, engineTraits } from "./engine/engine_traits.ts";

/** What an engine that filters system calls by a list of its own says: it was renamed. */
const OWN_FILTERS = ["name=seccomp,profile=default", "name=seccomp,profile=builtin"];

/**
 * Calls that an engine's own filter refuses to a container with the privileges of a sidecar: those that concern
 * namespaces, mounts, keys, other processes, programs and modules within the kernel, clocks.
 */
const REFUSED = [
  ...["unshare", "setns", "pivot_root", "chroot"],
  ...["mount", "umount", "umount2", "move_mount", "open_tree", "mount_setattr"],
  ...["fsopen", "fsconfig", "fsmount", "fspick", "fanotify_init", "quotactl", "quotactl_fd"],
  ...["name_to_handle_at", "open_by_handle_at", "swapon", "swapoff", "acct", "lookup_dcookie"],
  ...["add_key", "keyctl", "request_key"],
  ...["ptrace", "process_vm_readv", "process_vm_writev", "process_madvise", "pidfd_getfd", "kcmp"],
  ...["bpf", "perf_event_open", "userfaultfd", "syslog"],
  ...["io_uring_setup", "io_uring_enter", "io_uring_register"],
  ...["init_module", "finit_module", "delete_module", "kexec_load", "kexec_file_load", "reboot"],
  ...["get_mempolicy", "set_mempolicy", "set_mempolicy_home_node", "mbind"],
  ...["migrate_pages", "move_pages"],
  ...["settimeofday", "stime", "clock_settime", "clock_adjtime", "adjtimex"],
  ...["sethostname", "setdomainname", "iopl", "ioperm", "modify_ldt", "vhangup", "personality"],
  ...["uselib", "ustat", "sysfs", "vm86", "vm86old"],
];

/** Bits of the first argument of `clone()` that ask for namespaces. */
const NEW_NAMESPACES = 0x7e02_0000;

/**
 * The error of a call that the kernel does not have. A filter cannot see the flags of `clone3()`, and programs use
 * `clone()` in its place where that is missing.
 */
const ENOSYS = 38;

/** It is for the engine's own architecture: a process that makes a call of another one is killed. */
const FILTER = JSON.stringify({
  defaultAction: "SCMP_ACT_ALLOW",
  syscalls: [
    { names: REFUSED, action: "SCMP_ACT_ERRNO" },
    { names: ["clone3"], action: "SCMP_ACT_ERRNO", errnoRet: ENOSYS },
    ...newNamespaces().map((bit) => ({
      names: ["clone"],
      action: "SCMP_ACT_ERRNO",
      args: [{ index: 0, value: bit, valueTwo: bit, op: "SCMP_CMP_MASKED_EQ" }],
    })),
  ],
});

/**
 * The filter of system calls that sidecars get on an engine: it names the calls that are refused to them,
 * where an engine's own one names some 300 that are allowed, for three architectures. To make a filter of that
 * takes a quarter of the time in which a container starts (`tasks/bench/README.md`). Nothing but the agent
 * runs in a sidecar. `undefined` where the engine does not filter, or somebody has given it another list, or
 * where a list cannot be sent: Podman takes only the path of one.
 */
export async function syscallFilter(
  engine: Engine,
  signal: AbortSignal = new AbortController().signal,
): Promise<string | undefined> {
  return filterFor(await engineTraits(engine, signal));
}

/** The same by what an engine says of itself. */
export function filterFor(
  { SecurityOptions, BuildahVersion }: Omit<EngineTraits, "Name">,
): string | undefined {
  const isOwn = OWN_FILTERS.some((each) => SecurityOptions?.includes(each));
  return isOwn && BuildahVersion === undefined ? FILTER : undefined;
}

/** Each is refused alone, and so with others. */
function newNamespaces(): number[] {
  return Array.from({ length: 31 }, (_, bit) => 2 ** bit).filter((bit) => NEW_NAMESPACES & bit);
}
