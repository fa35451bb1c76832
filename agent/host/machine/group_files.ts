import { textAt } from "../metrics/read_values.ts";

/** Where Linux has its control groups, and says in which this process is. */
const PLACES = { groups: "/sys/fs/cgroup", membership: "/proc/self/cgroup" };

/** What is known of a file by either version of control groups. */
export interface ControlFile {
  /** That of the first version which has it. */
  readonly controller: string;
  /** Its name in the first version. */
  readonly first: string;
  /** Its name in the second version. */
  readonly second: string;
}

/**
 * The files of the control group of this process, in which its children are, too, by the first version of
 * control groups or the second. It may be any group: one of a container, or within it, or of a machine.
 */
export class GroupFiles {
  readonly #groups: string;
  readonly #membership: readonly string[];

  /** In the files of Linux, unless a test names others. */
  constructor({ groups, membership } = PLACES) {
    this.#groups = groups;
    this.#membership = textAt(membership)?.trimEnd().split("\n") ?? [];
  }

  /** The paths that a file may have. */
  candidates({ controller, first, second }: ControlFile): string[] {
    return this.#membership.flatMap((line) => {
      const [, controllers = "", path = ""] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
      if (controllers === "") {
        return this.#within([this.#groups, `${this.#groups}/unified`], path, second);
      }
      if (!controllers.split(",").includes(controller)) return [];
      return this.#within([`${this.#groups}/${controller}`], path, first);
    });
  }

  /** The content of the first of them that there is. */
  read(file: ControlFile): string | undefined {
    for (const path of this.candidates(file)) {
      const text = textAt(path);
      if (text !== undefined) return text;
    }
    return undefined;
  }

  /** In a container the root of what is mounted is its own group, whatever path `/proc` shows. */
  #within(folders: readonly string[], path: string, name: string): string[] {
    return folders.flatMap((folder) => [`${folder}${path}/${name}`, `${folder}/${name}`]);
  }
}
