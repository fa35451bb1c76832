import type { TransferEvent } from "./events.ts";
import type { NodeContext } from "./node_context.ts";
import { told } from "./told.ts";

/** Moves content for a member of a node, and tells of it once; `move` counts the bytes. */
export async function toldTransfer<T>(
  { emit, name: node }: NodeContext,
  about: Omit<TransferEvent, "bytes">,
  move: (count: (bytes: number) => void) => Promise<T>,
): Promise<T> {
  let bytes = 0;
  return await told(
    () => move((more) => bytes += more),
    (end) => emit({ type: "content-moved", node, ...about, bytes, ...end }),
  );
}

/** A URL without what may be a secret in it. */
export function publicUrl(url: string | URL): string {
  if (!URL.canParse(url)) return String(url);
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname}`;
}
