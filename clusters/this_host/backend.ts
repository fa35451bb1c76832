import type {
  AbilityName,
  Backend,
  BackendRecipe,
  ClusterContext,
  NodeOptions,
  Provider,
  SweepOptions,
  SweepReport,
} from "../kit/mod.ts";
import { checkOptions, kinds, type OptionKinds } from "../options/mod.ts";
import { type NodeMaker, ThisHostProvider } from "./provider.ts";
import { sweepThisHost } from "../run_folder/mod.ts";

/** What nodes on this host may do to it. */
export interface ThisHostOptions {
  /**
   * Let file operations change what lies outside of the node's folder: the files of the person who
   * runs the test. @default false
   */
  readonly dangerouslyAllowHostPaths?: boolean | undefined;
}

const THIS_HOST_KINDS: OptionKinds<ThisHostOptions> = { dangerouslyAllowHostPaths: kinds.flag };

/** What is particular to a backend whose nodes share this host. */
export interface ThisHostBackendParts {
  readonly name: string;
  readonly options: ThisHostOptions;
  /** URL of the backend's `mod.ts`. */
  readonly module: string;
  /** Prepares what makes nodes for one cluster. */
  readonly prepare: (context: ClusterContext) => Promise<NodeMaker>;
}

const ABILITIES: readonly AbilityName[] = ["kill", "pause", "start", "restart"];

/** A backend whose nodes share this host. Whatever their options, they are swept alike. */
export class ThisHostBackend implements Backend<NodeOptions> {
  readonly name: string;
  readonly abilities = ABILITIES;
  readonly nodeOptions = {};
  readonly recipe: BackendRecipe;
  readonly options: ThisHostOptions;
  readonly #prepare: ThisHostBackendParts["prepare"];

  constructor({ name, options, module, prepare }: ThisHostBackendParts) {
    checkOptions(`make ${name}()`, options, THIS_HOST_KINDS);
    this.name = name;
    this.options = options;
    this.recipe = { module, options: {} };
    this.#prepare = prepare;
  }

  async open(context: ClusterContext): Promise<Provider<NodeOptions>> {
    await using stack = new AsyncDisposableStack();
    const provider = await ThisHostProvider.open(context, stack.use(await this.#prepare(context)));
    stack.move();
    return provider;
  }

  sweep(options?: SweepOptions): Promise<SweepReport> {
    return sweepThisHost(options);
  }
}
