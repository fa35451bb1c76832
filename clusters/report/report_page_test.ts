/// <reference lib="dom" />
import { deepStrictEqual, match, notStrictEqual, ok, strictEqual } from "node:assert/strict";
import type { Page } from "playwright-core";
import { junitReport } from "./junit_report.ts";
import { collectReport } from "./run_report.ts";
import { browserPath, openPage } from "./testing/browser.ts";
import { FailedRun, hostile } from "./testing/failed_run.ts";
import { writeReport } from "./write_report.ts";

/** What the page draws on. */
type Canvas = HTMLCanvasElement;

/** A server that nothing is to ask, and how often it was. */
function unaskedServer(): AsyncDisposable & {
  readonly port: number;
  readonly asked: () => number;
} {
  let asked = 0;
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, () => {
    asked++;
    return new Response("alert(3)");
  });
  return {
    port: server.addr.port,
    asked: () => asked,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, ignore: browserPath === undefined, fn });
}

test("a report tells of a failure without scripts, and nothing in it is markup of others", async () => {
  await using server = unaskedServer();
  using run = new FailedRun(server.port);
  await using opened = await openPage(await writeReport(await run.record()), { scripts: false });
  const text = await opened.page.innerText("#verdict");
  const shown = hostile(server.port).replace("\u202e", "\\u202e");
  ok(text.includes(`AssertionError: not ${shown}`), text);
  match(text, /node1\s+process 7 etcd --name node1 .* since 1\.000 s, for 4\.00 s\s+1\.500 red/);
  match(text, /lost the leader/);
  match(text, /4\.000 lost the leader/);
  match(
    text,
    /fault isolate node1 from node2 since 1\.900 s, in force from 2\.000 s on, for 3\.10 s/,
  );
  ok(text.indexOf("Run it again") < text.indexOf("Under way at that moment"));
  match(text, /node3\s+down since/);
  match(text, /node2: process 8 etcdctl .* ended with code 3/);
  match(text, /--filter .* \/tests\/store_test\.ts|cd .*&& /);
  match(
    await opened.page.innerText("noscript"),
    /run\.json; of a cluster in store-0123456789ab: events/,
  );
  const links = await opened.page.locator("noscript a").evaluateAll((all) =>
    all.map((link) => (link as Element).getAttribute("href"))
  );
  const cluster = "./store-0123456789ab";
  deepStrictEqual(links, [
    "./run.json",
    ...["events.jsonl", "output/", "metrics/"].map((name) => `${cluster}/${name}`),
  ]);
  match(await opened.page.innerText("h1"), /^failed keeps /);
  deepStrictEqual([opened.requests, server.asked()], [[], 0]);
});

test("a report's page runs its own script alone, and asks for nothing", async () => {
  await using server = unaskedServer();
  using run = new FailedRun(server.port);
  await using opened = await openPage(await writeReport(await run.record()));
  const { page } = opened;
  for (const what of ["etcdctl", "keeps", "isolate"]) await find(page, what);
  strictEqual(await page.locator("img, script[src], link, iframe, object").count(), 0);
  strictEqual(await page.locator("script").count(), 2);
  deepStrictEqual([opened.requests, opened.troubles, server.asked()], [[], [], 0]);
  const xml = junitReport(collectReport(run.recording.run));
  deepStrictEqual(await page.evaluate(testsInXml, xml), [
    [`keeps ${hostile(server.port)}`, "/tests/store_test.ts", `failure`],
  ]);
  // What gets in all the same is not run, nor fetched.
  const refused = page.waitForEvent("console", {
    predicate: (message) => /Content Security Policy/.test(message.text()),
  });
  await page.evaluate((markup) => {
    (globalThis as unknown as { document: { body: { innerHTML: string } } }).document.body
      .innerHTML = markup;
  }, hostile(server.port));
  await refused;
  deepStrictEqual([opened.troubles.filter((each) => /dialog/.test(each)), server.asked()], [[], 0]);
});

test("a report's page finds a command, and tells all of it", async () => {
  using run = new FailedRun();
  await using opened = await openPage(await writeReport(await run.record()));
  const { page } = opened;
  await find(page, "etcd --name");
  const details = await page.innerText(".details");
  match(details, /process: etcd --name node1/);
  match(details, /arguments\s+--name\s+node1\s+--listen/);
  match(details, /environment\s+ETCD_TOKEN/);
  match(details, /ended\s+by SIGKILL/);
  match(details, /process\s+7, process id 4711 on the node/);
  match(details, /state\s+given back with the cluster/);
  await page.click("text=Show what it wrote");
  await page.waitForSelector("text=3 of 3 lines");
  deepStrictEqual(opened.troubles, []);
});

test("a report's page finds lines of logs, says how often, and goes to the first with Enter", async () => {
  using run = new FailedRun();
  await using opened = await openPage(await writeReport(await run.record()));
  const { page } = opened;
  await page.fill(".find", "lost the LEADER");
  await page.waitForSelector(".found button");
  match(
    await page.innerText(".found button"),
    /^4\.000 s node1 7-etcd wrote to stderr: lost the leader$/,
  );
  await page.press(".find", "Enter");
  match(await page.innerText(".details h3"), /^process: etcd/);
  await page.waitForURL(/#t=4\.000&node=node1$/);
  await page.fill(".find", "etcdctl");
  await page.waitForSelector(".found button:has-text('(failed)')");
  deepStrictEqual(opened.troubles, []);
});

test("a report's page says what its colours mean, those that it has", async () => {
  using run = new FailedRun();
  await using opened = await openPage(await writeReport(await run.record()));
  const { page } = opened;
  const told = await page.locator(".legend li").allInnerTexts();
  for (const each of ["■ failed", "■ step", "▌ node is down", "▼ note", "| line written"]) {
    ok(told.includes(each), `${each} of ${told}`);
  }
  ok(!told.some((each) => /paused/.test(each)));
  const colours = await page.locator(".legend span").evaluateAll((all) =>
    all.map((each) => getComputedStyle(each as Element).color)
  );
  ok(new Set(colours).size > 5, `${colours}`);
  deepStrictEqual(opened.troubles, []);
});

test("a report's page fits a narrow window", async () => {
  using run = new FailedRun();
  await using opened = await openPage(await writeReport(await run.record()));
  const { page } = opened;
  await page.setViewportSize({ width: 500, height: 900 });
  await page.click(".names button[title='node1']");
  const [width, window] = await page.evaluate(() => [
    document.documentElement.scrollWidth,
    innerWidth,
  ]);
  ok(width! <= window!, `${width} of ${window}`);
});

test("a report's time line is used with a pointer and with keys", async () => {
  using run = new FailedRun();
  await using opened = await openPage(await writeReport(await run.record()));
  const { page } = opened;
  const [from, to] = await shownTime(page);
  ok(from < 0 && to > 6000, `${from} to ${to}`);
  // The band is across the nodes that the fault names, below their bars.
  await clickAt(page, { node: "node2", time: 3000 });
  match(await page.innerText(".details"), /fault: isolate node1 from node2\s/);
  match(await page.innerText(".details"), /nodes\s+node1, node2/);
  await page.waitForURL(/#t=(3\.00|2\.99)\d&node=node2$/);
  await clickAt(page, { node: "node3", time: 2500 });
  strictEqual((await page.innerText(".details")).trim(), "");
  await page.focus(".chart");
  await page.keyboard.press("+");
  const [, near] = await changedTime(page, to);
  ok(near < to);
  await page.keyboard.press("0");
  deepStrictEqual(await changedTime(page, near), [from, to]);
  await page.hover(".chart");
  await page.mouse.wheel(0, -400);
  const [left, right] = await changedTime(page, to);
  ok(right - left < (to - from) * 0.6);
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("Enter");
  match(await page.innerText(".details"), /node2/);
  deepStrictEqual(opened.troubles, []);
});

test("a report's logs are filtered, show colours, and link to the time line", async () => {
  using run = new FailedRun();
  await using opened = await openPage(await writeReport(await run.record()));
  const { page } = opened;
  strictEqual(await page.locator(".line").count(), 3);
  strictEqual(await page.innerText(".line .fg1.bold"), "red");
  match(await page.innerText(".line >> nth=1"), /node1 7-etcd \| plain$/);
  await page.fill(".log-text", "/^LOST the/i");
  await page.waitForSelector("text=1 of 3 lines");
  await page.click(".line a");
  await page.waitForURL(/#t=4\.000&node=node1$/);
  await page.waitForSelector('.names button[title="node1"][aria-pressed="true"]');
  match(await page.innerText(".details h3"), /^process: etcd --name node1/);
  await page.fill(".log-text", "/(/");
  await page.waitForSelector("text=Invalid regular expression");
  await page.waitForSelector(".log-text[aria-invalid]");
  strictEqual(await page.locator(".line").count(), 0);
  await page.fill(".log-text", "7-ETCD");
  await page.waitForSelector("text=3 of 3 lines");
  deepStrictEqual(opened.troubles, []);
});

test("a report's page follows a link into it", async () => {
  using run = new FailedRun();
  const path = await writeReport(await run.record());
  await using opened = await openPage(`${path}#t=4&node=node2`);
  await opened.page.waitForSelector('.names button[title="node2"][aria-pressed="true"]');
  await opened.page.waitForSelector(".line.now");
  match(await opened.page.innerText(".details h3"), /^process: etcdctl/);
  ok(await opened.page.evaluate(() => scrollY > 0));
  deepStrictEqual(opened.troubles, []);
});

test("a time in a report's verdict leads to what happened then, again and again", async () => {
  using run = new FailedRun();
  const path = await writeReport(await run.record());
  await using opened = await openPage(path);
  const { page } = opened;
  const started = page.locator("#verdict a:text-is('1.000 s')").first();
  for (let i = 0; i < 2; i++) {
    await started.click();
    await page.waitForFunction(() => {
      const { top, height } = document.querySelector(".timeline")!.getBoundingClientRect();
      return scrollY > 0 && top >= -1 && top + height < innerHeight;
    });
    match(await page.innerText(".details h3"), /^process: etcd --name node1/);
    await page.waitForURL(/#t=1\.000&node=node1$/);
    await page.evaluate(() => scrollTo(0, 0));
  }
  await page.goto(`file://${path}#t=2`);
  await page.waitForFunction(() => scrollY > 0);
  match(await page.innerText(".details h3"), /^fault: isolate node1 from node2/);
  deepStrictEqual(opened.troubles, []);
});

test("a report's charts have the cursor of the time line", async () => {
  using run = new FailedRun();
  const path = await writeReport(await run.record());
  await using opened = await openPage(`${path}#t=1`);
  const { page } = opened;
  strictEqual(await page.innerText("figcaption"), "latency (ms)");
  await page.locator("figure").scrollIntoViewIfNeeded();
  await page.waitForSelector(".u-legend .u-series:nth-child(2) .u-value:text-is('5')");
  const over = (await page.locator(".u-over").boundingBox())!;
  const lanes = (await page.locator(".chart").boundingBox())!;
  ok(Math.abs(over.x - lanes.x) <= 1 && Math.abs(over.width - lanes.width) <= 2);
  await page.locator(".u-over").click({ position: { x: over.width / 2, y: 20 } });
  await page.waitForURL(/#t=(2\.9|3\.0)\d\d&node=\w+$/);
  deepStrictEqual([opened.troubles, opened.requests], [[], []]);
});

test("a report's page is dark where that is wanted, and prints the verdict on the width of a page", async () => {
  using run = new FailedRun();
  await using opened = await openPage(await writeReport(await run.record()));
  const { page } = opened;
  const ground = () => page.locator("body").evaluate((body) => getComputedStyle(body).color);
  const lanes = () =>
    page.locator(".chart canvas").evaluate((node) => (node as Canvas).toDataURL());
  const [light, drawn] = [await ground(), await lanes()];
  await page.emulateMedia({ colorScheme: "dark" });
  notStrictEqual(await ground(), light);
  while (await lanes() === drawn) await page.evaluate(() => new Promise(requestAnimationFrame));
  await page.emulateMedia({ media: "print", colorScheme: "light" });
  strictEqual(await page.locator("#interactive").isVisible(), false);
  ok(await page.locator("#verdict .error").first().isVisible());
  const [width, window] = await page.evaluate(() => [
    document.documentElement.scrollWidth,
    innerWidth,
  ]);
  ok(width! <= window!, `${width} of ${window}`);
  deepStrictEqual(opened.troubles, []);
});

/** What a parser of the browser reads in JUnit's XML: of each test its name, its class and what became of it. */
function testsInXml(xml: string): (string | null)[][] {
  const parsed = new DOMParser().parseFromString(xml, "application/xml");
  const broken = parsed.querySelector("parsererror");
  if (broken) return [[broken.textContent]];
  return [...parsed.querySelectorAll("testsuites > testsuite > testcase")].map((test) => [
    test.getAttribute("name"),
    test.getAttribute("classname"),
    test.firstElementChild?.tagName ?? null,
  ]);
}

/** Chooses the first thing that is found by a text. */
async function find(page: Page, text: string): Promise<void> {
  await page.fill(".find", text);
  await page.click(".found button >> nth=0");
  await page.waitForSelector(".details h3");
}

/** The window of time that is shown, in milliseconds. */
async function shownTime(page: Page): Promise<[number, number]> {
  // It is there once the time line was drawn.
  const [from, to] = await page.locator(".timeline[data-from][data-to]").evaluate((timeline) =>
    ["data-from", "data-to"].map((name) => (timeline as Element).getAttribute(name))
  );
  return [Number(from), Number(to)];
}

/** The same, once its end is another one. */
async function changedTime(page: Page, to: number): Promise<[number, number]> {
  await page.waitForSelector(`.timeline:not([data-to="${to.toFixed(3)}"])`);
  return await shownTime(page);
}

/** Clicks at a time, low in a node's lane. */
async function clickAt(
  page: Page,
  { node, time }: { readonly node: string; readonly time: number },
): Promise<void> {
  await page.locator(".timeline").scrollIntoViewIfNeeded();
  const [from, to] = await shownTime(page);
  const lane = (await page.locator(`.names button[title="${node}"]`).boundingBox())!;
  const chart = (await page.locator(".chart canvas").boundingBox())!;
  const x = chart.x + (time - from) / (to - from) * chart.width;
  await page.mouse.click(x, lane.y + lane.height - 3);
}
