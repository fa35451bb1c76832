import { join } from "node:path";

/** Makes a folder of a name that nothing has, and its parents: `name`, or else `name-2`, … */
export function newFolder(parent: string, name: string): string {
  Deno.mkdirSync(parent, { recursive: true });
  for (let count = 1;; count++) {
    const path = join(parent, count === 1 ? name : `${name}-${count}`);
    try {
      Deno.mkdirSync(path);
      return path;
    } catch (error) {
      if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
    }
  }
}
