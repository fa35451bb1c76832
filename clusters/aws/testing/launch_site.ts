import { setTimeout as delay } from "node:timers/promises";
import {
  GetConsoleOutputCommand,
  RunInstancesCommand,
  type RunInstancesCommandInput,
} from "@aws-sdk/client-ec2";
import { AwsServer, type AwsServerOptions } from "./aws_server.ts";
import { AwsClients } from "./clients.ts";
import { deployStack, launchInput, type StackOutputs } from "./deployed_stack.ts";
import type { Instance } from "./ec2/instance.ts";

/** Milliseconds between looks at what an instance does. */
const PAUSE = 50;

/** A local AWS that has the stack, with clients to launch instances by. */
export class LaunchSite implements AsyncDisposable {
  readonly aws: AwsServer;
  readonly clients: AwsClients;
  readonly outputs: StackOutputs;
  #stack: AsyncDisposableStack;

  private constructor(
    parts: { aws: AwsServer; clients: AwsClients; outputs: StackOutputs },
    stack: AsyncDisposableStack,
  ) {
    this.aws = parts.aws;
    this.clients = parts.clients;
    this.outputs = parts.outputs;
    this.#stack = stack;
  }

  /** Starts a server and deploys the stack. */
  static async open(options: AwsServerOptions = {}): Promise<LaunchSite> {
    await using stack = new AsyncDisposableStack();
    const aws = stack.use(await AwsServer.start(options));
    const clients = stack.use(new AwsClients(aws));
    const outputs = await deployStack(clients);
    return new LaunchSite({ aws, clients, outputs }, stack.move());
  }

  /** Launches one instance of a small type in the first zone, unless `input` says otherwise. */
  async run(input: Partial<RunInstancesCommandInput> = {}): Promise<Instance[]> {
    const command = new RunInstancesCommand(launchInput(this.outputs, input));
    const { Instances = [] } = await this.clients.ec2.send(command);
    return Instances.map(({ InstanceId }) => this.aws.instance(InstanceId!));
  }

  /** Launches instances that run a script. */
  async runScript(
    script: string | Uint8Array,
    input: Partial<RunInstancesCommandInput> = {},
  ): Promise<Instance[]> {
    const bytes = typeof script === "string" ? new TextEncoder().encode(script) : script;
    return await this.run({ UserData: bytes.toBase64(), ...input });
  }

  /** What an instance has written on its console by now. */
  async consoleOf({ id }: Instance): Promise<string> {
    const command = new GetConsoleOutputCommand({ InstanceId: id });
    const { Output = "" } = await this.clients.ec2.send(command);
    return new TextDecoder().decode(Uint8Array.fromBase64(Output)).replaceAll("\r", "");
  }

  /** Resolves to the console once a text is on it, so often. */
  async shown(instance: Instance, text: string, times = 1): Promise<string> {
    while (true) {
      const console = await this.consoleOf(instance);
      if (console.split(text).length > times) return console;
      if (!instance.isAlive) throw new Error(`The instance has ended:\n${console}`);
      await delay(PAUSE);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }
}
