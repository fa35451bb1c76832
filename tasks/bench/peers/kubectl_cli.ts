import { runProgram } from "../program.ts";

/** A container of a pod. */
export interface PodPlace {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
}

/** The command line of Kubernetes, as scripts use it. */
export class KubectlCli {
  private constructor() {}

  /** Rejects when there is none. */
  static async find(): Promise<KubectlCli> {
    await runProgram("kubectl", ["version", "--client"]).catch((error) => {
      throw error instanceof Deno.errors.NotFound ? new Error("kubectl is not installed") : error;
    });
    return new KubectlCli();
  }

  /** Runs it. */
  async run(args: readonly string[]): Promise<void> {
    await runProgram("kubectl", args);
  }

  /** The program and the arguments that run a command in a container. */
  exec({ namespace, pod, container }: PodPlace, ...command: string[]): [string, string[]] {
    return ["kubectl", ["exec", "-i", "-n", namespace, pod, "-c", container, "--", ...command]];
  }

  /** Copies a file into a container (`up`), or out of it. */
  async copy(
    { namespace, pod, container }: PodPlace,
    { here, there, way }: {
      readonly here: string;
      readonly there: string;
      readonly way: "up" | "down";
    },
  ): Promise<void> {
    const remote = `${namespace}/${pod}:${there}`;
    const ends = way === "up" ? [here, remote] : [remote, here];
    await this.run(["cp", "-c", container, ...ends]);
  }
}
