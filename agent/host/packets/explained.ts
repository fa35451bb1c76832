import { NetlinkError } from "./netlink_socket.ts";

/** Errors of the kernel that have a remedy: EPERM, and those of kernels that lack something. */
const REASONS: Readonly<Record<number, string>> = {
  1: "it needs NET_ADMIN, which this process does not have",
  2: 'the kernel has no NFQUEUE: "modprobe xt_NFQUEUE" loads it',
  22: "the kernel has no tables with an owner, which came with Linux 5.12",
  93: 'the kernel has no nf_tables: "modprobe nf_tables" loads it',
  95: "the kernel has no tables with an owner, which came with Linux 5.12",
};

/** The error that says what is missing; `reasons` are those that are others here. */
export function explained(
  error: unknown,
  reasons: Readonly<Record<number, string>> = {},
): unknown {
  if (!(error instanceof NetlinkError)) return error;
  const reason = reasons[error.number] ?? REASONS[error.number] ?? error.message;
  return new Deno.errors.NotSupported(`Cannot filter packets: ${reason}`, { cause: error });
}
