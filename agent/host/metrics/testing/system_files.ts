import { dirname, join } from "node:path";

/** A folder with files such as those of the system. */
export interface SystemFiles extends Disposable {
  readonly dir: string;
}

/** Makes files with these contents, by their paths below the folder. */
export function systemFiles(contents: Readonly<Record<string, string>>): SystemFiles {
  const dir = Deno.makeTempDirSync({ prefix: "clustertest-system-" });
  for (const [path, content] of Object.entries(contents)) {
    Deno.mkdirSync(dirname(join(dir, path)), { recursive: true });
    Deno.writeTextFileSync(join(dir, path), content);
  }
  return { dir, [Symbol.dispose]: () => Deno.removeSync(dir, { recursive: true }) };
}
