/**
 * `deno task report:page`: bundles the program and the style of a report's page into a module, which is
 * committed, so that the package needs no bundler to write a report.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { runTool } from "../../agent/build/run_tool.ts";

/** The module that it writes. */
export const PAGE_BUNDLE: URL = new URL("page_bundle.ts", import.meta.url);

/** The text of the module, made of the page's sources. */
export async function pageBundle(): Promise<string> {
  const script = await bundled(new URL("page/main.ts", import.meta.url));
  const own = await Deno.readTextFile(new URL("page/style.css", import.meta.url));
  const style = `${await chartStyle()}\n${own}`;
  return [
    "// deno-fmt-ignore-file",
    "// deno-lint-ignore-file",
    "// Made by `deno task report:page` of what is in `page/`; its license comments are those of uPlot.",
    "/** The program of the page. */",
    `export const PAGE_SCRIPT: string = ${JSON.stringify(script)};`,
    "/** Its style. */",
    `export const PAGE_STYLE: string = ${JSON.stringify(style)};`,
    "",
  ].join("\n");
}

/** As text that can stand in an element `script`, and needs no character beyond ASCII. */
async function bundled(entry: URL): Promise<string> {
  const output = await Deno.makeTempFile({ suffix: ".js" });
  try {
    const shape = ["--platform", "browser", "--format", "iife", "--minify", "--output", output];
    await runTool([Deno.execPath(), "bundle", "--quiet", ...shape, fileURLToPath(entry)]);
    const text = (await Deno.readTextFile(output)).trim();
    return text.replaceAll(/<(?=\/script|!--|script)/gi, "\\x3C");
  } finally {
    await Deno.remove(output);
  }
}

async function chartStyle(): Promise<string> {
  const style = import.meta.resolve("uplot/dist/uPlot.min.css");
  return (await Deno.readTextFile(new URL(style))).trim();
}

if (import.meta.main) await Deno.writeTextFile(PAGE_BUNDLE, await pageBundle());
