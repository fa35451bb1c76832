import { deepStrictEqual, rejects } from "node:assert/strict";
import { join } from "node:path";
import { Accounts } from "./accounts.ts";

const PASSWD = `root:x:0:0:root:/root:/bin/bash
# a comment
postgres:x:101:104:PostgreSQL,,,:/var/lib/postgresql:/bin/bash
bare:x:200:300::
damaged:x:many:0::
huge:x:4294967295:0::
+::::::

double:x:101:7::/double:/bin/sh`;

const GROUP = `root:x:0:
adm:x:4:root,postgres
postgres:x:104:
certs:x:103:postgres
others:x:105:postgresql
damaged:x::postgres
`;

/** Reads these files; what is `undefined` is not there. */
async function withAccounts(
  { passwd, group }: { passwd?: string; group?: string },
  work: (accounts: Accounts, folder: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    const files = { passwd: join(folder, "passwd"), group: join(folder, "group") };
    if (passwd !== undefined) await Deno.writeTextFile(files.passwd, passwd);
    if (group !== undefined) await Deno.writeTextFile(files.group, group);
    await work(new Accounts(files), folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const numbers = ({ uid, gid, groups }: { uid: number; gid: number; groups: readonly number[] }) => [
  uid,
  gid,
  groups,
];

Deno.test("user() finds a user's numbers, groups and variables", async () => {
  await withAccounts({ passwd: PASSWD, group: GROUP }, async (accounts) => {
    const postgres = {
      HOME: "/var/lib/postgresql",
      USER: "postgres",
      LOGNAME: "postgres",
      SHELL: "/bin/bash",
    };
    const env = async (name: string) => (await accounts.user(name, "It")).env;
    const found = async (name: string) => numbers(await accounts.user(name, "It"));
    deepStrictEqual(await found("postgres"), [101, 104, [104, 4, 103]]);
    deepStrictEqual(await env("postgres"), postgres);
    deepStrictEqual(await found("101"), [101, 104, [104, 4, 103]]);
    deepStrictEqual(await found("postgres:adm"), [101, 4, [104, 4, 103]]);
    deepStrictEqual(await found("postgres:77"), [101, 77, [104, 4, 103]]);
    deepStrictEqual(await found("bare"), [200, 300, [300]]);
    deepStrictEqual((await env("bare")).SHELL, "/bin/sh");
    deepStrictEqual((await env("bare")).HOME, "/");
  });
});

Deno.test("user() takes numbers that have no entry, and gives them no group of others", async () => {
  await withAccounts({}, async (accounts) => {
    deepStrictEqual(numbers(await accounts.user("5000", "It")), [5000, 5000, [5000]]);
    const { env, ...both } = await accounts.user("5000:6000", "It");
    deepStrictEqual(numbers(both), [5000, 6000, [6000]]);
    deepStrictEqual(env, { HOME: "/" });
  });
});

Deno.test("user() names the file that has no such user or group, or is missing", async () => {
  await withAccounts({ passwd: PASSWD, group: GROUP }, async (accounts, folder) => {
    const missing = (text: string, reason: string) =>
      rejects(accounts.user(text, "It"), { name: "NotFound", message: `It: ${reason}` });
    await missing("nobody", `${folder}/passwd of the node has no user "nobody"`);
    await missing("postgres:none", `${folder}/group of the node has no group "none"`);
    for (const name of ["damaged", "huge", "+", "#"]) await rejects(accounts.user(name, "It"));
  });
  await withAccounts({}, async (accounts, folder) => {
    const message = `It: the node has no ${folder}/passwd; give numbers, as in "1000:1000"`;
    await rejects(accounts.user("root", "It"), { name: "NotFound", message });
  });
});

Deno.test("owner() leaves what is not named as it is", async () => {
  await withAccounts({ passwd: PASSWD, group: GROUP }, async (accounts) => {
    const owner = async (text: string) => {
      const { uid, gid } = await accounts.owner(text, "It");
      return [uid, gid];
    };
    deepStrictEqual(await owner("postgres"), [101, null]);
    deepStrictEqual(await owner("postgres:"), [101, 104]);
    deepStrictEqual(await owner(":adm"), [null, 4]);
    deepStrictEqual(await owner("postgres:adm"), [101, 4]);
    deepStrictEqual(await owner("5000"), [5000, null]);
    deepStrictEqual(await owner("5000:"), [5000, null]);
    deepStrictEqual(await owner(":"), [null, null]);
    await rejects(owner(":none"), Deno.errors.NotFound);
    await rejects(owner("none"), Deno.errors.NotFound);
  });
});
