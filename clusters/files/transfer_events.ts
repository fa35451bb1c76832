import type { TransferEvent } from "../events/mod.ts";
import { emitAfter, type NodeContext } from "../calls/mod.ts";

/** Moves content for a member of a node, and emits one event of it; `move` counts the bytes. */
export async function emittedTransfer<T>(
  { emit, name: node }: NodeContext,
  about: Omit<TransferEvent, "bytes">,
  move: (count: (bytes: number) => void) => Promise<T>,
): Promise<T> {
  let bytes = 0;
  return await emitAfter(
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
