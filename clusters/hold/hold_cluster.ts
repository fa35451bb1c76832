import { Deadline } from "../../agent/deadline.ts";
import { messageOf } from "../../agent/host/described_error.ts";
import { type Emit, plainText } from "../events/mod.ts";
import { awaitEnter, isSomebodyThere, showOnTerminal } from "./hold_terminal.ts";
import { lookingCommand } from "./looking_command.ts";
import { NameLock } from "./name_lock.ts";

/** Milliseconds that a cluster is held at most. */
export const HOLD_LIMIT: number = 60 * 60 * 1000;

/** Clusters of this user that are held at a time at most. */
const MAX_HELD = 3;

/** A cluster that is held. */
export interface HeldCluster {
  readonly id: string;
  readonly name: string;
  /** Those that there are. */
  readonly nodes: readonly { readonly name: string; readonly address: string }[];
  readonly emit: Emit;
}

/** How a cluster is held. */
export interface HoldOptions {
  /** What there is to see. */
  readonly text: string;
  /** Aborting rejects with its reason. */
  readonly signal?: AbortSignal | undefined;
  /** Aborts when there is nothing to see any more; its reason says why. */
  readonly gone: AbortSignal;
  /** Milliseconds. @default an hour */
  readonly limit?: number | undefined;
}

/**
 * Holds a cluster as it is until Enter is pressed on the terminal, for an hour at most, and says there how
 * to inspect it. Without a terminal, and while three other clusters are held, it returns at once, and an
 * event says so. Of several held clusters, one asks at a time, whichever process they belong to.
 */
export async function holdCluster(held: HeldCluster, options: HoldOptions): Promise<void> {
  const { signal, gone, limit = HOLD_LIMIT } = options;
  signal?.throwIfAborted();
  const text = plainText(options.text);
  const refuse = (state: string) =>
    held.emit({ type: "warning", message: `Cannot hold the cluster (${text}): ${state}` });
  if (gone.aborted) return refuse(messageOf(gone.reason));
  if (!isSomebodyThere()) return refuse("there is no terminal at which somebody could look in");
  await using place = await takePlace();
  if (!place) return refuse(`${MAX_HELD} others are held`);
  held.emit({ type: "cluster-held", text });
  using deadline = new Deadline(limit, [signal, gone], () => new Error("its time is over"));
  const reason = await askToGoOn(promptText(held, { text, limit }), deadline.signal);
  held.emit({ type: "cluster-released", reason });
  signal?.throwIfAborted();
}

/** Resolves to why the cluster is held no longer. */
async function askToGoOn(prompt: string, signal: AbortSignal): Promise<string> {
  try {
    await using _prompt = await NameLock.take("hold-prompt", signal);
    showOnTerminal(prompt);
    await awaitEnter(signal);
    return "Enter was pressed";
  } catch (error) {
    if (!signal.aborted) throw error;
    const reason = messageOf(signal.reason);
    showOnTerminal(`${plainText(`It goes on: ${reason}`)}\n`);
    return reason;
  }
}

/** A lock for one of the few clusters that may be held at a time; `undefined` if all are taken. */
async function takePlace(): Promise<NameLock | undefined> {
  for (let number = 1; number <= MAX_HELD; number++) {
    const place = await NameLock.try(`hold-${number}`);
    if (place) return place;
  }
  return undefined;
}

function promptText(
  { id, name, nodes }: HeldCluster,
  { text, limit }: { text: string; limit: number },
): string {
  const names = nodes.map((node) => `${node.name} (${node.address})`).join(", ");
  // Other clusters may have a node of that name.
  const example = `${name}-${id}/${nodes[0]?.name ?? "NODE"}`;
  return [
    "",
    `${name} is held: ${text}`,
    `  its nodes: ${names || "none"}`,
    `  a terminal on one: ${lookingCommand("shell")} ${example}`,
    `  what processes write: ${lookingCommand("logs")} --follow`,
    `Press Enter to go on; otherwise that is in ${Math.round(limit / 60_000)} minutes`,
    "",
  ].join("\n");
}
