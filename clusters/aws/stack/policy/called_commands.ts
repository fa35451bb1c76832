import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Folders that no runner executes. */
const NOT_OF_RUNNERS: readonly string[] = ["testing", "setup"];

/** The rooms whose code calls AWS. */
const ROOMS: readonly string[] = ["aws", "ec2"];

/** Every call of the SDK in the sources of runners, such as `"ec2:RunInstances"`. */
export async function calledCommands(): Promise<Set<string>> {
  const calls = new Set<string>();
  for (const room of ROOMS) {
    const folder = fileURLToPath(new URL(`../../../${room}`, import.meta.url));
    for await (const path of sources(folder)) {
      for (const call of callsIn(await Deno.readTextFile(path))) calls.add(call);
    }
  }
  return calls;
}

async function* sources(folder: string): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory && !NOT_OF_RUNNERS.includes(name)) yield* sources(join(folder, name));
    if (name.endsWith(".ts") && !name.endsWith("_test.ts")) yield join(folder, name);
  }
}

/** The calls in a source, by the clients from which it imports the commands that it makes. */
export function callsIn(source: string): string[] {
  const services = new Map<string, string>();
  for (const [, names = "", service = ""] of source.matchAll(IMPORT)) {
    for (const [command] of names.matchAll(/\w+Command\b/g)) services.set(command, service);
  }
  return [...source.matchAll(/new (\w+)Command\(/g)].flatMap(([, name = ""]) => {
    const service = services.get(`${name}Command`);
    return service === undefined ? [] : [`${service}:${name}`];
  });
}

const IMPORT = /import(?: type)? \{([^}]*)\} from "@aws-sdk\/client-(\w+)"/g;
