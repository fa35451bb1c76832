import { BackendUnusableError } from "../../errors.ts";

/** The cluster cannot be used: `reason` completes "Cannot use backend "kubernetes": ". */
export function unusable(
  reason: string,
  { remedy, cause }: { readonly remedy: string; readonly cause?: unknown },
): BackendUnusableError {
  return new BackendUnusableError({ backend: "kubernetes", reason, remedy }, { cause });
}
