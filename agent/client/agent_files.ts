import type {
  CallOptions,
  DownloadOptions,
  DownloadResult,
  FileOperation,
  FileOperations,
  HostFile,
  HostFiles,
  OpenOptions,
  WriteOptions,
  WriteTreeOptions,
} from "../host/host.ts";
import { decodeFileInfo } from "../wire/file_info.ts";
import { decodeEntries } from "../wire/folder_entries.ts";
import { INITIAL_CREDIT } from "../wire/protocol.ts";
import { AgentCall } from "./agent_call.ts";
import { AgentFile } from "./agent_file.ts";
import type { ClientSession } from "./client_session.ts";
import { writableTo } from "./writable_to.ts";

/** Files of a host behind an agent. */
export class AgentFiles implements HostFiles {
  #session: ClientSession;

  constructor(session: ClientSession) {
    this.#session = session;
  }

  /** Does one of {@linkcode FileOperations}. */
  async call<O extends FileOperation>(
    operation: O,
    args: FileOperations[O]["args"],
    { signal }: CallOptions = {},
  ): Promise<FileOperations[O]["result"]> {
    const onLateResult = operation === "makeTemp"
      ? (path: unknown) => this.#remove(path)
      : undefined;
    const credit = operation === "list" ? [INITIAL_CREDIT] : [];
    const request = {
      operation,
      args,
      credit,
      signal,
      signalUntil: "outcome",
      onLateResult,
    } as const;
    const call = new AgentCall(this.#session, request);
    if (operation === "list") return await listed(call) as FileOperations[O]["result"];
    const result = await call.outcome;
    const isInfo = operation === "stat" || operation === "lstat";
    return (isInfo ? decodeFileInfo(result) : result) as FileOperations[O]["result"];
  }

  /** Opens a file for reading from its start. Cancelling the stream closes it. */
  read(path: string, options?: CallOptions): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
    return this.#read("read", path, options);
  }

  /** Opens a file for writing. */
  write(path: string, options: WriteOptions = {}): Promise<WritableStream<Uint8Array>> {
    const { signal, ...how } = options;
    return this.#write("write", { path, ...how }, signal);
  }

  /** Opens a file for reads and writes at any position. */
  async open(path: string, options: OpenOptions = {}): Promise<HostFile> {
    const { signal, ...how } = options;
    const credit = [INITIAL_CREDIT];
    const request = { operation: "open", args: { path, options: how }, credit, signal };
    const call = new AgentCall(this.#session, request);
    await call.opened;
    return new AgentFile(call);
  }

  /** A file or folder as a tar archive. */
  readTree(path: string, options?: CallOptions): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
    return this.#read("readTree", path, options);
  }

  /** Unpacks a tar archive into a folder. */
  writeTree(
    path: string,
    { signal, ...how }: WriteTreeOptions = {},
  ): Promise<WritableStream<Uint8Array>> {
    return this.#write("writeTree", { path, ...how }, signal);
  }

  /** Fetches a URL into a file, from the host itself. */
  async download(
    url: string,
    path: string,
    options: DownloadOptions = {},
  ): Promise<DownloadResult> {
    const { signal, ...how } = options;
    const args = { url, path, ...how };
    return await new AgentCall(this.#session, { operation: "download", args, signal })
      .outcome as DownloadResult;
  }

  /** Removes what the caller of an aborted call does not know of. */
  #remove(path: unknown): void {
    this.call("remove", { path: String(path) }).catch(() => {});
  }

  async #read(
    operation: string,
    path: string,
    { signal }: CallOptions = {},
  ): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
    const credit = [INITIAL_CREDIT];
    const call = new AgentCall(this.#session, { operation, args: { path }, credit, signal });
    await call.opened;
    return call.channel.incoming(1).readable;
  }

  async #write(
    operation: string,
    args: unknown,
    signal: AbortSignal | undefined,
  ): Promise<WritableStream<Uint8Array>> {
    const call = new AgentCall(this.#session, { operation, args, signal });
    await call.opened;
    return writableTo(call.channel, { finished: () => call.outcome });
  }
}

/** The outcome comes last; if it is an error, that says more than how the stream ended. */
async function listed({ channel, outcome }: AgentCall): Promise<Deno.DirEntry[]> {
  const entries = decodeEntries(channel.incoming(1).readable);
  entries.catch(() => channel.close());
  await outcome;
  return await entries;
}
