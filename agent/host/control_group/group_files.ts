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

/** The files of a control group, by the first version of control groups or the second. */
export class GroupFiles {
  readonly #candidates: (file: ControlFile) => string[];
  /** Where each file was found: some are read again and again. */
  readonly #found = new Map<ControlFile, string>();

  private constructor(candidates: (file: ControlFile) => string[]) {
    this.#candidates = candidates;
  }

  /**
   * Those of the group of this process, in which its children are, too: the group of a container, or within
   * it, or of a machine. In the files of Linux, unless a test names others.
   */
  static ofProcess({ groups, membership } = PLACES): GroupFiles {
    const lines = textAt(membership)?.trimEnd().split("\n") ?? [];
    return new GroupFiles((file) => lines.flatMap((line) => candidatesIn(groups, line, file)));
  }

  /** Those of the group whose files are at a place: in a container, of the container. */
  static at(groups: string = PLACES.groups): GroupFiles {
    return new GroupFiles(({ controller, first, second }) => [
      `${groups}/${second}`,
      `${groups}/${controller}/${first}`,
    ]);
  }

  /** The paths that a file may have. */
  candidates(file: ControlFile): string[] {
    return this.#candidates(file);
  }

  /** The content of the first of them that there is. */
  read(file: ControlFile): string | undefined {
    const known = this.#found.get(file);
    for (const path of known === undefined ? this.candidates(file) : [known]) {
      const text = textAt(path);
      if (text === undefined) continue;
      this.#found.set(file, path);
      return text;
    }
    return undefined;
  }
}

/** Those that a line of a process's list of its groups leads to. */
function candidatesIn(
  groups: string,
  line: string,
  { controller, first, second }: ControlFile,
): string[] {
  const [, controllers = "", path = ""] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
  // In a container the root of what is mounted is its own group, whatever path `/proc` shows.
  const within = (folders: readonly string[], name: string) =>
    folders.flatMap((folder) => [`${folder}${path}/${name}`, `${folder}/${name}`]);
  if (controllers === "") return within([groups, `${groups}/unified`], second);
  if (!controllers.split(",").includes(controller)) return [];
  return within([`${groups}/${controller}`], first);
}
