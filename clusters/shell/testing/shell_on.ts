import type { Cluster } from "../../cluster/mod.ts";
import { eventually } from "../../waiting/mod.ts";
import { chooseShellNode, listShellNodes, ShellSession } from "../mod.ts";

/** What the terminals of tests measure. */
const SIZE = { rows: 33, columns: 77 };

/** What an interactive shell is told: to show that it has a terminal, and its size, and to end with code 3. */
const TYPED = "[ -t 0 ] && echo term''inal; stty size; exit 3\n";

/** What a shell that was told so has shown, if it had a terminal. */
export const TERMINAL_SHOWN = /\nterminal\r\n33 77\r\n/;

/** How a shell has ended, and what it has shown. */
interface ShellEnd {
  readonly code: number | undefined;
  readonly message: string | undefined;
  readonly shown: string;
}

/** Opens a shell on a node, or a command on a terminal there. */
export async function shellOn(
  cluster: Cluster<never>,
  { node, command }: { readonly node: string; readonly command?: string[] },
): Promise<ShellEnd> {
  // The thread that serves it was told a moment ago.
  const find = async () => chooseShellNode(await listShellNodes(), `${cluster.id}/${node}`);
  const found = await eventually(find);
  let shown = "";
  const decoder = new TextDecoder();
  const show = (bytes: Uint8Array) => void (shown += decoder.decode(bytes, { stream: true }));
  using session = await ShellSession.open(found, { command, size: SIZE, term: "dumb", show });
  if (!command) await session.type(new TextEncoder().encode(TYPED));
  const { code, message } = await session.outcome;
  return { code, message, shown };
}
