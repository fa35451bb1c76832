/** A user or a group, as a test names it: by its name, or by its number. */
export type Account = string | number;

/** Who something is to belong to. What is left out stays as it is. */
export interface OwnerName {
  readonly user?: Account | undefined;
  readonly group?: Account | undefined;
}

/** Who a process is to belong to. */
export interface UserName extends OwnerName {
  readonly user: Account;
}

/** The highest number of a user or group: the next one stands for "no change" in system calls. */
export const HIGHEST_NUMBER: number = 2 ** 32 - 2;

/** Characters that a name of both together may have. */
export const LONGEST_NAME: number = 512;

const FORMS = 'a name or a number, or both parts as in "postgres:postgres" or "1000:1000"';

/** Reads `USER` or `USER:GROUP`; throws a `TypeError` about `label` if it is neither. */
export function parseUserName(text: unknown, label: string): UserName {
  const { user, group } = parseOwnerName(text, label);
  if (user === undefined) throw wrong(text, label);
  return { user, group };
}

/** The same for the owner of a file, where each part may be missing: `USER:`, `:GROUP` and `:`. */
export function parseOwnerName(text: unknown, label: string): OwnerName {
  if (typeof text !== "string" || text === "" || text.length > LONGEST_NAME) {
    throw wrong(text, label);
  }
  const parts = text.split(":");
  if (parts.length > 2) throw wrong(text, label);
  const [user, group] = parts.map((part) => accountOf(part, () => wrong(text, label)));
  return { user, group };
}

function accountOf(text: string, wrong: () => Error): Account | undefined {
  if (text === "") return undefined;
  // As useradd has it: no name begins with a hyphen, or has white space or control characters.
  if (/^-|[\s\p{Cc}/]/u.test(text)) throw wrong();
  if (!/^\d+$/.test(text)) return text;
  const number = Number(text);
  if (number > HIGHEST_NUMBER) throw wrong();
  return number;
}

function wrong(value: unknown, label: string): TypeError {
  const shown = Deno.inspect(value).slice(0, 80);
  return new TypeError(`${label} must be ${FORMS}, not ${shown}`);
}
