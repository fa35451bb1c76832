/**
 * The program of a runner whose backend cannot be opened, and then not give back what it has made. Its
 * output is the folder that is left. It ends when its input does.
 *
 * @module
 */
import { dirname } from "node:path";
import { type Backend, Cluster } from "../../../mod.ts";
import { local } from "../../local/mod.ts";

const { name, abilities, recipe } = local();

const halfOpen: Backend = {
  name,
  abilities,
  recipe,
  async open(context) {
    await using stack = new AsyncDisposableStack();
    const provider = await local().open(context);
    stack.defer(() => {
      throw new Error("It cannot be given back");
    });
    const { signal } = context;
    const [node] = await provider.create([{ name: "alpha", options: {} }], { signal });
    const folder = dirname(dirname(node!.id));
    Deno.stdout.writeSync(new TextEncoder().encode(folder));
    throw new Error("It cannot be opened");
  },
  sweep: (options) => local().sweep(options),
};

if (import.meta.main) {
  const error = await Cluster.create(halfOpen, { progress: true }).catch((error) => error);
  await new Response(Deno.stdin.readable).text();
  Deno.stderr.writeSync(new TextEncoder().encode(`${error}\n`));
  Deno.exit(0);
}
