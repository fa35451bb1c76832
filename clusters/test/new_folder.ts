import { join } from "node:path";

/** Makes a new folder below `parent`: `name`, or, if that exists, `name-2`, … */
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
