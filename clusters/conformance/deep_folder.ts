/** What a deep folder is made with: this machine, or a node. */
export interface FolderMaker {
  mkdir(path: string, options: { recursive: boolean }): Promise<void>;
  rename(from: string, to: string): Promise<void>;
}

/** Levels that are made at once: their path is one that every system takes. */
const LEVELS_AT_ONCE = 200;

/** Makes `path` with folders named `d` in it, each in the one before; `levels` is a multiple of 200. */
export async function makeDeepFolder(
  path: string,
  levels: number,
  maker: FolderMaker = Deno,
): Promise<void> {
  const [outer, inner] = [path, `${path}-inner`];
  await maker.mkdir(outer, { recursive: true });
  for (let made = 0; made < levels; made += LEVELS_AT_ONCE) {
    await maker.rename(outer, inner);
    await maker.mkdir(`${outer}${"/d".repeat(LEVELS_AT_ONCE - 1)}`, { recursive: true });
    await maker.rename(inner, `${outer}${"/d".repeat(LEVELS_AT_ONCE)}`);
  }
}
