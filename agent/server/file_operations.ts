import type { FileOperation, FileOperations, OpenOptions } from "../host/host.ts";
import type { PumpOptions } from "../host/pump.ts";
import { LONGEST_NAME, parseOwnerName } from "../host/users/account_name.ts";
import { encodeFileInfo } from "../wire/file_info.ts";
import { encodeEntries } from "../wire/folder_entries.ts";
import { flag, integer, oneOf, optional, record, type Shape, text } from "../wire/shape.ts";
import { serveFile } from "./file_requests.ts";
import { type Operation, operation, type OperationContext } from "./operation.ts";

const path = text();
const statMode = integer(0, 0o177777);
/** Also a mode from `stat`, with the type of a file: only the permissions are taken. */
const mode: Shape<number> = (value, name) => statMode(value, name) & 0o7777;
const owner: Shape<string> = (value, name) => {
  const given = text(LONGEST_NAME)(value, name);
  parseOwnerName(given, `Cannot accept the request: ${name}`);
  return given;
};
const pathOnly = record({ path });

/** The operations that are one call, and what each takes. */
const CALLS: { readonly [O in Exclude<FileOperation, "list">]: Shape<FileOperations[O]["args"]> } =
  {
    stat: pathOnly,
    lstat: pathOnly,
    mkdir: record({ path, recursive: optional(flag()), mode: optional(mode) }),
    remove: record({ path, recursive: optional(flag()) }),
    rename: record({ from: path, to: path }),
    copy: record({ from: path, to: path }),
    chmod: record({ path, mode }),
    chown: record({ path, owner, recursive: optional(flag()) }),
    symlink: record({ target: path, path }),
    readLink: pathOnly,
    realPath: pathOnly,
    makeTemp: record({
      kind: oneOf("file", "directory"),
      dir: optional(path),
      prefix: optional(text(255)),
      suffix: optional(text(255)),
    }),
  };

function call<O extends keyof typeof CALLS>(name: O): Operation {
  return operation(CALLS[name], async ({ host, channel }, args) => {
    const result = await host.files.call(name, args, { signal: channel.signal });
    return isFileInfo(result) ? encodeFileInfo(result) : result;
  });
}

function isFileInfo(result: unknown): result is Deno.FileInfo {
  return typeof result === "object" && result !== null && "isFile" in result;
}

const listFolder = operation(pathOnly, async ({ host, channel }, args) => {
  const entries = await host.files.call("list", args, { signal: channel.signal });
  await channel.sendFrom(encodeEntries(entries), 1);
});

async function send(
  { channel }: OperationContext,
  source: ReadableStream<Uint8Array>,
): Promise<void> {
  channel.event({ opened: true });
  await channel.sendFrom(source, 1);
}

async function receive(
  { channel }: OperationContext,
  target: WritableStream<Uint8Array>,
  options?: Pick<PumpOptions, "release">,
): Promise<void> {
  channel.event({ opened: true });
  await channel.receiveInto(target, 0, options);
}

const read = operation(pathOnly, async (context, { path }) => {
  const { signal } = context.channel;
  await send(context, await context.host.files.read(path, { signal }));
});

const readTree = operation(pathOnly, async (context, { path }) => {
  const { signal } = context.channel;
  await send(context, await context.host.files.readTree(path, { signal }));
});

const writeShape = record({
  path,
  append: optional(flag()),
  create: optional(flag()),
  createNew: optional(flag()),
  mode: optional(mode),
  copy: optional(flag()),
  sparse: optional(flag()),
});

const write = operation(writeShape, async (context, { path, ...options }) => {
  const { signal } = context.channel;
  const target = await context.host.files.write(path, { ...options, signal });
  await receive(context, target, { release: true });
});

const writeTreeShape = record({ path, keepSpecialModes: optional(flag()) });

const writeTree = operation(writeTreeShape, async (context, { path, ...how }) => {
  const { signal } = context.channel;
  await receive(context, await context.host.files.writeTree(path, { ...how, signal }));
});

const openOptions = record({
  read: optional(flag()),
  write: optional(flag()),
  append: optional(flag()),
  truncate: optional(flag()),
  create: optional(flag()),
  createNew: optional(flag()),
  mode: optional(mode),
}) as Shape<OpenOptions>;

const open = operation(
  record({ path, options: openOptions }),
  async ({ host, channel }, { path, options }) => {
    await using file = await host.files.open(path, { ...options, signal: channel.signal });
    await serveFile(channel, file);
  },
);

const downloadShape = record({ url: text(), path, sha256: optional(text(64)) });

const download = operation(downloadShape, async ({ host, channel }, { url, path, sha256 }) => {
  return await host.files.download(url, path, { sha256, signal: channel.signal });
});

/** Files of the host. */
export const fileOperations: Readonly<Record<string, Operation>> = {
  ...Object.fromEntries(
    (Object.keys(CALLS) as (keyof typeof CALLS)[]).map((name) => [name, call(name)]),
  ),
  list: listFolder,
  read,
  readTree,
  write,
  writeTree,
  open,
  download,
};
