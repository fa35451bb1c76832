import { type Account, type OwnerName, parseOwnerName, parseUserName } from "./account_name.ts";
import { readGroups, readUsers, type UserEntry } from "./account_files.ts";

/** Who a process belongs to, and what it is told of that. */
export interface ProcessUser {
  readonly uid: number;
  readonly gid: number;
  /** Supplementary groups. */
  readonly groups: readonly number[];
  /** Of {@linkcode USER_VARIABLES} those that are known. */
  readonly env: Readonly<Record<string, string>>;
}

/** Variables that say who a process belongs to. */
export const USER_VARIABLES: readonly string[] = ["HOME", "USER", "LOGNAME", "SHELL"];

/** Numbers of an owner; `null` for what is to stay as it is. */
export interface Owner {
  readonly uid: number | null;
  readonly gid: number | null;
}

/** Where a machine says who its users and groups are. */
export interface AccountFiles {
  readonly passwd: string;
  readonly group: string;
}

/**
 * The users and groups of this machine, by its files: an image may have no program that knows more.
 * They are read for every call, since a test may add some.
 */
export class Accounts {
  readonly #files: AccountFiles;

  /** @param files are those that every Unix has, unless a test has others */
  constructor(files: AccountFiles = { passwd: "/etc/passwd", group: "/etc/group" }) {
    this.#files = files;
  }

  /**
   * Who `USER` or `USER:GROUP` is. Errors begin with `label`. A number need not have an entry: then
   * the group has the same number, unless it is given, and there are no others.
   */
  async user(text: string, label: string): Promise<ProcessUser> {
    const name = parseUserName(text, `${label}: user`);
    const entry = await this.#entryOf(name.user);
    if (!entry && typeof name.user === "string") throw await this.#noUser(name.user, label);
    const uid = entry?.uid ?? name.user as number;
    const gid = await this.#gidOf(name, label) ?? entry?.gid ?? uid;
    const groups = entry ? [entry.gid, ...await this.#groupsWith(entry.name)] : [gid];
    return { uid, gid, groups: [...new Set(groups)], env: variablesOf(entry) };
  }

  /** Who `USER`, `USER:`, `:GROUP` or `USER:GROUP` is. Errors begin with `label`. */
  async owner(text: string, label: string): Promise<Owner> {
    const name = parseOwnerName(text, `${label}: the owner`);
    const { user } = name;
    if (user === undefined) return { uid: null, gid: await this.#gidOf(name, label) ?? null };
    const entry = await this.#entryOf(user);
    if (!entry && typeof user === "string") throw await this.#noUser(user, label);
    const ownGid = text.endsWith(":") ? entry?.gid : undefined;
    const gid = await this.#gidOf(name, label) ?? ownGid ?? null;
    return { uid: entry?.uid ?? user as number, gid };
  }

  async #entryOf(user: Account): Promise<UserEntry | undefined> {
    const users = await readUsers(this.#files.passwd);
    return users.find(({ name, uid }) => typeof user === "number" ? uid === user : name === user);
  }

  async #gidOf({ group }: OwnerName, label: string): Promise<number | undefined> {
    if (typeof group !== "string") return group;
    const found = (await readGroups(this.#files.group)).find(({ name }) => name === group);
    if (found) return found.gid;
    throw new Deno.errors.NotFound(
      `${label}: ${this.#files.group} of the node has no group "${group}"`,
    );
  }

  async #groupsWith(user: string): Promise<number[]> {
    const groups = await readGroups(this.#files.group);
    return groups.filter(({ members }) => members.includes(user)).map(({ gid }) => gid);
  }

  async #noUser(user: string, label: string): Promise<Error> {
    const { passwd } = this.#files;
    const isThere = await Deno.stat(passwd).then(() => true, () => false);
    const reason = isThere
      ? `${passwd} of the node has no user "${user}"`
      : `the node has no ${passwd}; give numbers, as in "1000:1000"`;
    return new Deno.errors.NotFound(`${label}: ${reason}`);
  }
}

/** As a login has it: who has no home is at the root, and who has no shell gets the usual one. */
function variablesOf(entry: UserEntry | undefined): Record<string, string> {
  if (!entry) return { HOME: "/" };
  const { name, home, shell } = entry;
  return { HOME: home || "/", USER: name, LOGNAME: name, SHELL: shell || "/bin/sh" };
}
