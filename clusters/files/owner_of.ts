import { HIGHEST_NUMBER, parseOwnerName } from "../../agent/host/users/account_name.ts";
import type { NodeCallOptions } from "../calls/mod.ts";

/** How `chown` changes the owner. */
export interface ChownOptions extends NodeCallOptions {
  /** Change everything in a folder, too: links themselves, not what they lead to. @default false */
  readonly recursive?: boolean | undefined;
}

/** What `chown` takes after the path: an owner by its name, or the numbers of a user and a group. */
export type ChownArguments =
  | readonly [owner: string, options?: ChownOptions]
  | readonly [uid: number | null, gid: number | null, options?: ChownOptions];

/** The owner that the arguments mean, as a host takes it; throws if they mean none. */
export function ownerOf(path: string, [first, second]: ChownArguments): string {
  const label = `Cannot change the owner of "${path}"`;
  if (typeof first === "string") {
    parseOwnerName(first, `${label}: the owner`);
    return first;
  }
  return `${numberOf(first, `${label}: uid`)}:${numberOf(second, `${label}: gid`)}`;
}

/** The options among the arguments. */
export function chownOptionsOf(args: ChownArguments): ChownOptions {
  return (typeof args[0] === "string" ? args[1] : args[2]) as ChownOptions | undefined ?? {};
}

/** Nothing for what is to stay as it is. */
function numberOf(value: unknown, label: string): string {
  if (value === null) return "";
  if (typeof value !== "number") {
    throw new TypeError(`${label} must be a number or null, not ${Deno.inspect(value)}`);
  }
  if (Number.isInteger(value) && value >= 0 && value <= HIGHEST_NUMBER) return `${value}`;
  throw new RangeError(
    `${label} must be a whole number from 0 to ${HIGHEST_NUMBER}, or null, not ${value}`,
  );
}
