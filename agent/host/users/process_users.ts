import { startLabel } from "../starter/start_error.ts";
import { Accounts, type ProcessUser } from "./accounts.ts";
import { letOthersIn, type OwnFolders } from "./let_others_in.ts";

/** The users that a host starts processes as, other than its own. */
export class ProcessUsers {
  readonly #folders: OwnFolders;
  readonly #accounts: Accounts;

  constructor(folders: OwnFolders, accounts: Accounts) {
    this.#folders = folders;
    this.#accounts = accounts;
  }

  /**
   * Who the process of `command` is to belong to. From then on that user can enter the host's folders.
   * Rejects, before anything is started, when no process can be given to others here.
   */
  async find(user: string, command: string): Promise<ProcessUser> {
    const label = startLabel(command, user);
    checkRoot(label);
    const found = await this.#accounts.user(user, label);
    letOthersIn(this.#folders);
    return found;
  }
}

/** What to do where the host is not root. */
export const ROOT_REMEDY: string =
  'On containers, take docker({ user: "root" }); on nodes of this machine, run the test as root';

function checkRoot(label: string): void {
  if (Deno.build.os !== "linux") {
    throw new Deno.errors.NotSupported(`${label}: only nodes that run Linux can change users`);
  }
  const uid = Deno.uid();
  if (uid === 0) return;
  throw new Deno.errors.PermissionDenied(
    `${label}: the node starts processes as user ${uid}, and only root can start them as others. ` +
      ROOT_REMEDY,
  );
}
