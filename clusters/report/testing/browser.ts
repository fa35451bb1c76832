import { type Browser, chromium, type Page } from "playwright-core";
import { requirement } from "../../requirement.ts";

/** Where Debian and others have the browser. */
const PLACES = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** The path of a browser on this machine; `undefined` if there is none, which is then said. */
export const browserPath: string | undefined = await requirement("chromium", findBrowser);

async function findBrowser(): Promise<string> {
  for (const path of PLACES) {
    if (await Deno.stat(path).then(() => true, () => false)) return path;
  }
  throw new Error(`none of ${PLACES.join(", ")} is there`);
}

/** Milliseconds for each thing that a browser does, on a machine that is busy with other tests. */
const PATIENCE = 120_000;

/** A page in a browser of its own, and what it did that a report must not do. */
export interface OpenedPage extends AsyncDisposable {
  readonly page: Page;
  /** Addresses that were asked for, besides that of the page itself. */
  readonly requests: string[];
  /** Errors of the page's script, and what its policy has refused. */
  readonly troubles: string[];
}

/** Opens a file in a browser without a head. */
export async function openPage(
  file: string,
  { scripts = true }: { readonly scripts?: boolean } = {},
): Promise<OpenedPage> {
  const browser: Browser = await chromium.launch({
    executablePath: browserPath!,
    timeout: PATIENCE,
    // Containers and machines of tests run as root, and may have little shared memory.
    args: ["--no-sandbox", "--disable-dev-shm-usage"],
  });
  const page = await browser.newPage({
    javaScriptEnabled: scripts,
    viewport: { width: 1200, height: 900 },
  });
  page.setDefaultTimeout(PATIENCE);
  const [requests, troubles]: [string[], string[]] = [[], []];
  page.on("request", (request) => {
    if (request.url() !== `file://${file.split("#")[0]}`) requests.push(request.url());
  });
  page.on("pageerror", (error) => troubles.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error") troubles.push(message.text());
  });
  page.on("dialog", async (dialog) => {
    troubles.push(`dialog: ${dialog.message()}`);
    await dialog.dismiss();
  });
  await page.goto(`file://${file}`);
  if (scripts) await page.waitForSelector("html[data-ready]");
  return { page, requests, troubles, [Symbol.asyncDispose]: () => browser.close() };
}
