import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type AgentSources, sourcesAt } from "./agent_sources.ts";

/** A folder with an agent that does nothing but say what it is; for tests of how packs are made. */
export interface StandIn extends AsyncDisposable {
  readonly dir: string;
  readonly sources: AgentSources;
  /** A cache of its own. */
  readonly cache: string;
}

/** Main module of the stand-in. It imports by a bare name, as the agent does. */
export const STAND_IN_MAIN = `import { greeting } from "greeting";
console.log(greeting, JSON.stringify(Deno.args));
`;

/** Makes one in a temporary folder, which disposing removes. */
export async function standInAgent(): Promise<StandIn> {
  const dir = await Deno.makeTempDir({ prefix: "clustertest-stand-in-" });
  await Deno.mkdir(join(dir, "agent"));
  await Deno.writeTextFile(join(dir, "agent/main.ts"), STAND_IN_MAIN);
  await Deno.writeTextFile(join(dir, "agent/greeting.ts"), `export const greeting = "stand-in";\n`);
  await Deno.writeTextFile(
    join(dir, "deno.json"),
    JSON.stringify({ imports: { greeting: "./agent/greeting.ts" } }),
  );
  const root = pathToFileURL(`${dir}/`);
  return {
    dir,
    sources: sourcesAt(new URL("agent/main.ts", root), new URL("deno.json", root)),
    cache: join(dir, "cache"),
    [Symbol.asyncDispose]: () => Deno.remove(dir, { recursive: true }),
  };
}
