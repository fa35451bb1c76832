import { runProgram } from "../program.ts";

/** The Docker command line, as scripts use it. */
export class DockerCli {
  private constructor() {}

  /** Rejects when there is none, or no engine that answers it. */
  static async find(): Promise<DockerCli> {
    await runProgram("docker", ["version"]).catch((error) => {
      throw error instanceof Deno.errors.NotFound ? new Error("docker is not installed") : error;
    });
    return new DockerCli();
  }

  /** The program and the arguments that run a command in a container. */
  exec(container: string, ...command: string[]): [string, string[]] {
    return ["docker", ["exec", "-i", container, ...command]];
  }

  /** Copies a file or folder into a container, or out of it. */
  async copy(from: string, to: string): Promise<void> {
    await runProgram("docker", ["cp", "-q", from, to]);
  }
}
