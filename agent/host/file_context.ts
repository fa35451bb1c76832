import type { HostPaths } from "./host_paths.ts";
import type { ProcessUsers } from "./users/process_users.ts";

/** What an operation on names and attributes needs besides its arguments. */
export interface FileContext {
  readonly paths: HostPaths;
  /** Absolute path of the folder for temporary files. */
  readonly tempDir: string;
  readonly users: ProcessUsers;
}
