import type { NodeCallOptions } from "../calls/mod.ts";

/** How a file or a folder is brought from a node. */
export interface NodeDownloadOptions extends NodeCallOptions {
  /** Keep the setuid, setgid and sticky bits of files and folders. @default false */
  readonly dangerouslyKeepSpecialModes?: boolean | undefined;
}

/** Where the content of a URL goes, and what it must be. */
export interface DownloadUrlOptions extends NodeCallOptions {
  /** Hexadecimal digest that the content must have; otherwise no file is left behind. */
  readonly sha256?: string | undefined;
}
