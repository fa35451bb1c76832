import { kinds, type OptionKind, type OptionKinds } from "../options/mod.ts";
import type { NodeCallOptions } from "../calls/mod.ts";
import type { ChownOptions } from "./owner_of.ts";
import type { DownloadUrlOptions, NodeDownloadOptions } from "./download_options.ts";

const { flag, signal, text } = kinds;

/** Permissions. A mode from `stat` is in order, which also has the type of the file: the wire takes no more. */
export const MODE_KIND: OptionKind = {
  description: "permissions such as 0o644",
  is: (value) => Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 0o177777,
};

/** Of `writeFile` and `writeTextFile`. */
export const WRITE_KINDS: OptionKinds<Deno.WriteFileOptions> = {
  append: flag,
  create: flag,
  createNew: flag,
  mode: MODE_KIND,
  signal,
};

/** Of `open`. */
export const OPEN_KINDS: OptionKinds<Deno.OpenOptions & NodeCallOptions> = {
  ...WRITE_KINDS,
  read: flag,
  write: flag,
  truncate: flag,
};

/** Of `mkdir`. */
export const MKDIR_KINDS: OptionKinds<Deno.MkdirOptions & NodeCallOptions> = {
  recursive: flag,
  mode: MODE_KIND,
  signal,
};

/** Of `remove`. */
export const REMOVE_KINDS: OptionKinds<Deno.RemoveOptions & NodeCallOptions> = {
  recursive: flag,
  signal,
};

/** Of `chown`. */
export const CHOWN_KINDS: OptionKinds<ChownOptions> = { recursive: flag, signal };

/** Of `makeTempDir` and `makeTempFile`. */
export const TEMP_KINDS: OptionKinds<Deno.MakeTempOptions & NodeCallOptions> = {
  dir: text,
  prefix: text,
  suffix: text,
  signal,
};

/** Of `download()`, and of `copyTo()`. */
export const DOWNLOAD_KINDS: OptionKinds<NodeDownloadOptions> = {
  dangerouslyKeepSpecialModes: flag,
  signal,
};

/** Of `downloadUrl`. */
export const DOWNLOAD_URL_KINDS: OptionKinds<DownloadUrlOptions> = { sha256: text, signal };
