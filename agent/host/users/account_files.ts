/** A user, as a line of `/etc/passwd` has it. */
export interface UserEntry {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
  readonly shell: string;
}

/** A group, as a line of `/etc/group` has it. */
export interface GroupEntry {
  readonly name: string;
  readonly gid: number;
  readonly members: readonly string[];
}

/** The users of a file such as `/etc/passwd`; none if there is no such file. */
export async function readUsers(path: string): Promise<UserEntry[]> {
  return (await fieldsOf(path)).flatMap(([name = "", _password, uid, gid, _about, home, shell]) =>
    isNumber(uid) && isNumber(gid)
      ? [{ name, uid: Number(uid), gid: Number(gid), home: home ?? "", shell: shell ?? "" }]
      : []
  );
}

/** The groups of a file such as `/etc/group`; none if there is no such file. */
export async function readGroups(path: string): Promise<GroupEntry[]> {
  return (await fieldsOf(path)).flatMap(([name = "", _password, gid, members = ""]) =>
    isNumber(gid) ? [{ name, gid: Number(gid), members: members.split(",") }] : []
  );
}

async function fieldsOf(path: string): Promise<string[][]> {
  const text = await Deno.readTextFile(path).catch((error) => {
    if (error instanceof Deno.errors.NotFound) return "";
    throw error;
  });
  return text.split("\n").map((line) => line.split(":"));
}

/** Lines of other services (`+::::::`), and damaged ones, have no such numbers. */
function isNumber(text: string | undefined): boolean {
  return /^\d{1,10}$/.test(text ?? "") && Number(text) < 2 ** 32 - 1;
}
