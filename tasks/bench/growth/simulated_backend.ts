import { Fleet, type FleetAgent, type Launch } from "../../../agent/client/fleet.ts";
import type {
  Backend,
  ClusterContext,
  NodeRequest,
  ProvidedNode,
  Provider,
} from "../../../clusters/kit/mod.ts";
import { TextLineStream } from "../peers/text_line_stream.ts";

/** A backend whose nodes are agents in one process of this machine: to see what many of them cost. */
export function simulated(): Backend {
  return {
    name: "simulated",
    abilities: [],
    recipe: { module: import.meta.url, options: {} },
    open: (context: ClusterContext) => {
      const { heartbeat, signal } = context;
      return Promise.resolve(new SimulatedProvider(Fleet.create({ heartbeat, signal })));
    },
    sweep: () => Promise.resolve({ found: [] }),
  };
}

/** Nothing outlives the process of the agents, and that ends with the runner. */
export function backendFromRecipe(): Backend {
  return simulated();
}

class SimulatedProvider implements Provider {
  readonly #fleet: Fleet;
  readonly #stack = new AsyncDisposableStack();

  constructor(fleet: Fleet) {
    this.#fleet = fleet;
  }

  async create(
    requests: readonly NodeRequest[],
    { signal }: { signal: AbortSignal },
  ): Promise<ProvidedNode[]> {
    using launch = this.#fleet.launch();
    const ports = await this.#startAgents(launch, requests.length);
    return await Promise.all(requests.map(async ({ name }, index) => {
      const route = { hostname: "127.0.0.1", port: ports[index]! };
      return provided(name, await launch.connect(route, { name, signal }));
    }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#fleet[Symbol.asyncDispose]();
    await this.#stack.disposeAsync();
  }

  async #startAgents({ document }: Launch, count: number): Promise<number[]> {
    const program = new URL("./simulated_agents_main.ts", import.meta.url).pathname;
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "--allow-all", program, `${count}`],
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    const input = child.stdin.getWriter();
    this.#stack.defer(async () => {
      await input.close().catch(() => {});
      await child.status;
    });
    await input.write(new TextEncoder().encode(`${JSON.stringify(document)}\n`));
    const lines = child.stdout.pipeThrough(new TextLineStream()).getReader();
    const { value = "[]" } = await lines.read();
    await lines.cancel();
    return JSON.parse(value);
  }
}

function provided(name: string, connection: FleetAgent): ProvidedNode {
  const destroy = async () => await connection[Symbol.asyncDispose]();
  return {
    host: connection.host,
    id: name,
    address: "127.0.0.1",
    lost: connection.lost,
    abilities: {},
    destroy,
  };
}
