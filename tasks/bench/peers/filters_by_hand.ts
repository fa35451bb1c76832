import type { Engine } from "../../../clusters/docker/engine/engine.ts";
import type { Node } from "../../../clusters/node/mod.ts";
import { runProgram } from "../program.ts";

/** The table of `nft` that is made. */
const TABLE = "inet clustertest_bench";

/** Commands that drop what arrives from these addresses, and that let it pass again. */
interface FilterTool {
  drop(from: readonly string[]): readonly string[];
  pass(from: readonly string[]): readonly string[];
}

function iptables(action: "-I" | "-D", from: readonly string[]): readonly string[] {
  return ["iptables", "-w", action, "INPUT", "-s", from.join(), "-j", "DROP"];
}

/** The programs that people use for that. */
const TOOLS = {
  iptables: {
    drop: (from) => iptables("-I", from),
    pass: (from) => iptables("-D", from),
  },
  nft: {
    drop: (from) => {
      const chain = `add chain ${TABLE} in { type filter hook input priority -10; }`;
      const rule = `add rule ${TABLE} in ip saddr { ${from.join()} } drop`;
      return ["nft", `add table ${TABLE}; ${chain}; ${rule}`];
    },
    pass: () => ["nft", `delete table ${TABLE}`],
  },
} as const satisfies Record<string, FilterTool>;

/** A name of one of those programs. */
export type FilterToolName = keyof typeof TOOLS;

/** What a container drops. */
interface ContainerFilter {
  readonly pid: number;
  readonly from: readonly string[];
}

/**
 * A partition as a script makes it: a program of this machine, run in the network of one container after
 * the other. It takes root, and containers of this machine; nothing shows that it was effective.
 */
export class PartitionByHand {
  readonly #tool: FilterTool;
  readonly #filters: readonly ContainerFilter[];

  private constructor(tool: FilterTool, filters: readonly ContainerFilter[]) {
    this.#tool = tool;
    this.#filters = filters;
  }

  /** Changes nothing yet. */
  static async prepare(
    groups: readonly (readonly Node[])[],
    { engine, tool }: { engine: Engine; tool: FilterToolName },
  ): Promise<PartitionByHand> {
    const filters = groups.flatMap((group) =>
      group.map(async ({ id }) => {
        const others = groups.filter((other) => other !== group).flat();
        return { pid: await pidOf(engine, id), from: others.map(({ address }) => address) };
      })
    );
    return new PartitionByHand(TOOLS[tool], await Promise.all(filters));
  }

  /** Drops what goes from one group to another. */
  async make(): Promise<void> {
    for (const { pid, from } of this.#filters) await runInNetwork(pid, this.#tool.drop(from));
  }

  /** Lets it pass again. */
  async heal(): Promise<void> {
    for (const { pid, from } of this.#filters) await runInNetwork(pid, this.#tool.pass(from));
  }
}

/** The process of a container, as this machine knows it. */
export async function pidOf(engine: Engine, id: string): Promise<number> {
  const path = `/containers/${id}/json`;
  const inspection = { what: "inspect a container", method: "GET", path } as const;
  return (await engine.call<{ State: { Pid: number } }>(inspection)).State.Pid;
}

async function runInNetwork(pid: number, command: readonly string[]): Promise<void> {
  await runProgram("nsenter", [`--net=/proc/${pid}/ns/net`, ...command]);
}
