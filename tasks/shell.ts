/**
 * `deno task shell`: a terminal on a node of a run that is alive. Without a checkout it is
 * `deno run --allow-all jsr:@clustertest/clustertest/shell`.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { RawTerminal } from "./raw_terminal.ts";
import type { TerminalSize } from "../agent/host/host.ts";
import {
  chooseShellNode,
  listShellNodes,
  nodePath,
  type ShellNode,
  type ShellOutcome,
  ShellSession,
} from "../clusters/shell/mod.ts";
import { complain, printLine, runLookingTask, UsageError } from "./looking_task.ts";
import { writeText } from "./write_text.ts";

const HELP = `Opens a terminal on a node of a run that is alive, also while its test stands at a
breakpoint, hangs, or is held.

Usage: deno task shell                            lists nodes
       deno task shell NODE                       opens bash there, or else sh
       deno task shell NODE -- COMMAND [ARG]...   runs a command there
       deno run --allow-all jsr:@clustertest/clustertest/shell ...

  NODE    The name of a node; or CLUSTER/NODE, where several clusters have one of that name
  --help  Show this

Only who runs the tests can. The terminal begins in the folder of the node, with the node's
environment. What it runs ends with it, and with the node.

Exit codes: that of the command; 1 if there is no such node, or its end has ended the command; 2 wrong
usage.`;

/** The size of the terminal on the node where standard input is none. */
const DEFAULT_SIZE: TerminalSize = { rows: 24, columns: 80 };

/** What ends an input on a terminal: Ctrl-D. */
const END_OF_INPUT = "\x04";

/** Runs the task; resolves to its exit code. */
export async function main(args: string[]): Promise<number> {
  const dashes = args.indexOf("--");
  const [own, command] = dashes < 0 ? [args, undefined] : [
    args.slice(0, dashes),
    args.slice(dashes + 1),
  ];
  const { values, positionals } = parseArgs({
    args: own,
    options: { help: { type: "boolean" } },
    allowPositionals: true,
  });
  const [asked] = positionals;
  if (values.help) printLine(HELP);
  if (values.help) return 0;
  if (positionals.length > 1) {
    throw new UsageError("Cannot open shells on several nodes: a command comes behind --");
  }
  if (command?.length === 0) throw new UsageError("Cannot run a command: there is none behind --");
  if (command && asked === undefined) throw new UsageError("Cannot run a command: on which node?");
  const nodes = await listShellNodes();
  if (asked === undefined) return list(nodes);
  return await open(chooseShellNode(nodes, asked), command);
}

function list(nodes: readonly ShellNode[]): number {
  if (nodes.length === 0) printLine("No run is alive");
  for (const node of nodes) printLine(`${nodePath(node)}  (${node.backend})`);
  return 0;
}

async function open(node: ShellNode, command: readonly string[] | undefined): Promise<number> {
  using session = await ShellSession.open(node, {
    command,
    size: currentSize(),
    term: Deno.env.get("TERM"),
    show: (bytes) => writeText(Deno.stdout, bytes),
  });
  Deno.addSignalListener("SIGWINCH", () => void session.resize(currentSize()));
  const { code, message } = await outcomeOf(session);
  if (message !== undefined) complain(`\n${message}`);
  return code;
}

async function outcomeOf(session: ShellSession): Promise<ShellOutcome> {
  using _raw = new RawTerminal();
  // The terminal is restored before this ends.
  for (const signal of ["SIGTERM", "SIGHUP"] as const) {
    Deno.addSignalListener(signal, () => session[Symbol.dispose]());
  }
  void passInput(session);
  return await session.outcome;
}

async function passInput(session: ShellSession): Promise<void> {
  const buffer = new Uint8Array(16 * 1024);
  for (let size; (size = await Deno.stdin.read(buffer)) !== null;) {
    await session.type(buffer.slice(0, size));
  }
  // A program that reads its input to the end waits for this.
  if (!Deno.stdin.isTerminal()) await session.type(new TextEncoder().encode(END_OF_INPUT));
}

function currentSize(): TerminalSize {
  try {
    const { rows, columns } = Deno.consoleSize();
    // Some terminals do not know their size, and say 0.
    return rows > 0 && columns > 0 ? { rows, columns } : DEFAULT_SIZE;
  } catch {
    return DEFAULT_SIZE;
  }
}

// A read of standard input that goes on would keep the process from its end.
if (import.meta.main) await runLookingTask(main).finally(() => Deno.exit(Deno.exitCode));
