import { fileURLToPath } from "node:url";
import config from "../../deno.json" with { type: "json" };

/** The root of this package. */
const ROOT = new URL("../../", import.meta.url);

/** The command by which a task that looks into runs is started from the current folder. */
export function lookingCommand(task: "shell" | "logs"): string {
  if (ROOT.protocol !== "file:") {
    return `deno run -A jsr:${config.name}@${config.version}/${task}`;
  }
  const root = fileURLToPath(ROOT);
  if (`${Deno.cwd()}/`.startsWith(root)) return `deno task ${task}`;
  return `deno run -A ${root}tasks/${task}.ts`;
}
