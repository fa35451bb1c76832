import type { NodeCallOptions } from "../calls/mod.ts";

/** How a file or a folder is copied from a node. */
export interface NodeDownloadOptions extends NodeCallOptions {
  /** Keep the setuid, setgid and sticky bits of files and folders. @default false */
  readonly dangerouslyKeepSpecialModes?: boolean | undefined;
}

/** How a node fetches the content of a URL. */
export interface DownloadUrlOptions extends NodeCallOptions {
  /** The SHA-256 that the content must have, in hexadecimal; with another one the call fails, and no file is left. */
  readonly sha256?: string | undefined;
}
