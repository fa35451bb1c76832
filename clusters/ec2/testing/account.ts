import { setTimeout as delay } from "node:timers/promises";
import { Aws } from "../../aws/aws.ts";
import { deployStack } from "../../aws/stack/setup/deploy_stack.ts";
import { AwsServer, type AwsServerOptions } from "../../aws/testing/aws_server.ts";
import type { Instance } from "../../aws/testing/ec2/instance.ts";
import { Faults } from "../../aws/testing/faults.ts";
import { setVariables } from "./variables.ts";

/** Milliseconds between two looks. */
const LOOK_INTERVAL = 50;

/** Milliseconds that the instances of a test may take to be as awaited, on a busy machine. */
const PATIENCE = 90_000;

/**
 * An account of a local AWS that is set up for nodes, in place of whatever account the environment
 * means otherwise: for this process, and for those that it starts.
 */
export class TestAccount implements AsyncDisposable {
  readonly server: AwsServer;
  readonly #stack: AsyncDisposableStack;

  private constructor(server: AwsServer, stack: AsyncDisposableStack) {
    this.server = server;
    this.#stack = stack;
  }

  /** Starts a server, and sets it up as `deno task aws:setup` does. */
  static async open(options: AwsServerOptions = {}): Promise<TestAccount> {
    await using stack = new AsyncDisposableStack();
    const server = stack.use(await AwsServer.start(options));
    stack.use(setVariables(server.env));
    using aws = await Aws.open();
    await deployStack(aws, {
      name: "clustertest",
      current: undefined,
      parameters: { RunnerCidr: "127.0.0.1/32" },
      interval: LOOK_INTERVAL,
    });
    return new TestAccount(server, stack.move());
  }

  /** Instances that still cost something. */
  get living(): Instance[] {
    return this.server.instances.filter(({ state }) =>
      state !== "terminated" && state !== "shutting-down"
    );
  }

  /** Nothing goes wrong any more, and nothing was called so far. */
  reset(): void {
    Object.assign(this.server.faults, new Faults());
    this.server.journal.clear();
  }

  /** Waits until the instances are as `isAwaited` says. */
  async until(isAwaited: (living: readonly Instance[]) => boolean): Promise<void> {
    const end = performance.now() + PATIENCE;
    while (!isAwaited(this.living)) {
      if (performance.now() > end) {
        const states = this.server.instances.map(({ id, state }) => `${id} ${state}`).join(", ");
        throw new Error(`Waited ${PATIENCE / 1000} s in vain; there are: ${states || "none"}`);
      }
      await delay(LOOK_INTERVAL);
    }
  }

  /** Ends the server, and gives the environment back. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }
}
