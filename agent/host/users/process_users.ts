import { startLabel } from "../starter/start_error.ts";
import { Accounts, type ProcessUser } from "./accounts.ts";
import { letOthersIn, type OwnFolders } from "./let_others_in.ts";

/** The users to whom a host gives processes and files, other than its own. */
export class ProcessUsers {
  readonly accounts = new Accounts();
  readonly #folders: OwnFolders;

  constructor(folders: OwnFolders) {
    this.#folders = folders;
  }

  /**
   * Who the process of `command` is to belong to. From then on that user can enter the host's folders.
   * Rejects, before anything is started, when no process can be given to others here.
   */
  async find(user: string, command: string): Promise<ProcessUser> {
    const label = startLabel(command, user);
    checkRoot(label);
    const found = await this.accounts.user(user, label);
    this.letIn();
    return found;
  }

  /** Has them find their way in the host's folders, if it is root. */
  letIn(): void {
    if (Deno.uid() === 0) letOthersIn(this.#folders);
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
