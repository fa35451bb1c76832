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

/** A URL, or a path, without what may be a secret in it: names, passwords, and what is asked. */
export function publicUrl(url: string | URL): string {
  if (!URL.canParse(url)) return String(url).replace(/[?#].*$/s, "");
  const shown = new URL(url);
  shown.username =
    shown.password =
    shown.search =
    shown.hash =
      "";
  return shown.href;
}
