/// <reference lib="dom" />
import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { written } from "../runs/testing/recording.ts";
import { browserPath, openPage } from "./testing/browser.ts";
import { FailedRun } from "./testing/failed_run.ts";
import { writeReport } from "./write_report.ts";

function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, ignore: browserPath === undefined, fn });
}

/** Characters that no window of 500 pixels has room for. */
const LONG = "x".repeat(300);

/** The run that failed, of which a process on node2 has written much. */
async function recordLines(run: FailedRun): Promise<string> {
  const folder = await run.record();
  const output = run.recording.process("0123456789ab", "node2", 8, "etcdctl");
  const lines = Array.from({ length: 200 }, (_, i) => `line ${i}\n`);
  output.take(written(`${lines.join("")}WARN: quorum is lost\n`));
  output.take(written(`Error: ${LONG}\nplain\n`, { output: "stderr" }));
  return await writeReport(folder);
}

test("a link of a report's verdict selects what it is told of, whatever else happened then", async () => {
  using run = new FailedRun();
  await using opened = await openPage(await writeReport(await run.record()));
  const { page } = opened;
  // A page hears of a link that was clicked in a later turn of its event loop.
  const isTold = (heading: RegExp) =>
    page.locator(".details h3").filter({ hasText: heading }).waitFor();
  await page.locator(".conditions a:text-is('2.000 s')").click();
  await isTold(/^fault: isolate node1 from node2/);
  const details = await page.innerText(".details");
  match(details, /made and proved\s+1\.900 s to 2\.000 s/);
  match(details, /in force\s+2\.000 s to 5\.900 s/);
  match(details, /healed and proved\s+5\.900 s to 6\.000 s/);
  // At the same time a command has failed on another node.
  await page.locator(".conditions a:text-is('4.000 s')").click();
  await isTold(/^down: down/);
  await page.locator("#verdict a[href$='process=8']").first().click();
  await isTold(/^process: etcdctl/);
  deepStrictEqual(opened.troubles, []);
});

test("a fault's band is lighter while it is made and while it is healed", async () => {
  using run = new FailedRun();
  await using opened = await openPage(await writeReport(await run.record()));
  const { page } = opened;
  await page.waitForSelector(".timeline[data-from][data-to]");
  const [making, inForce, healing] = await page.evaluate(() => {
    const timeline = document.querySelector<HTMLElement>(".timeline")!;
    const canvas = document.querySelector<HTMLCanvasElement>(".chart canvas")!;
    const { top, height } = canvas.getBoundingClientRect();
    const lane = document.querySelector('.names button[title="node2"]')!.getBoundingClientRect();
    const [from, to] = [Number(timeline.dataset.from), Number(timeline.dataset.to)];
    const y = (lane.bottom - 3 - top) / height * canvas.height;
    return [1_950, 3_000, 5_950].map((time) => {
      const x = (time - from) / (to - from) * canvas.width;
      return canvas.getContext("2d")!.getImageData(x, y, 1, 1).data.join();
    });
  });
  strictEqual(making, healing);
  ok(making !== inForce, `${making} of both`);
  deepStrictEqual(opened.troubles, []);
});

test("keys work wherever the focus is in a report's time line, and always tell of something", async () => {
  using run = new FailedRun();
  await using opened = await openPage(await writeReport(await run.record()));
  const { page } = opened;
  const heading = () => page.innerText(".details h3");
  const focused = () => page.evaluate(() => document.activeElement!.getAttribute("title"));
  await page.focus('.names button[title="node1"]');
  await page.keyboard.press("Enter");
  await page.waitForSelector('.names button[title="node1"][aria-pressed="true"]');
  strictEqual(await heading(), "node1");
  await page.keyboard.press("Enter");
  match(await heading(), /is ready/);
  await page.keyboard.press("Enter");
  match(await heading(), /^process: etcd/);
  await page.keyboard.press("Backspace");
  match(await heading(), /is ready/);
  await page.keyboard.press("ArrowDown");
  await page.waitForSelector('.names button[title="node2"][aria-pressed="true"]');
  await page.waitForFunction(() => document.activeElement?.getAttribute("title") === "node2");
  strictEqual(await focused(), "node2");
  for (const pressed of ["true", "false", "true"]) {
    await page.click('.names button[title="node3"]');
    await page.waitForSelector(`.names button[title="node3"][aria-pressed="${pressed}"]`);
    strictEqual(await heading(), "node3");
  }
  match(await page.innerText("#interactive"), /Backspace goes back/);
  deepStrictEqual(opened.troubles, []);
});

test("a line of a report that was found is shown, and marked alone", async () => {
  using run = new FailedRun();
  await using opened = await openPage(await recordLines(run));
  const { page } = opened;
  // What hides it is given up.
  await page.fill(".log-text", "nothing has this");
  await page.waitForSelector("text=0 of 206 lines");
  await page.fill(".find", "quorum");
  await page.press(".find", "Enter");
  await page.waitForSelector(".line.now");
  deepStrictEqual(await page.locator(".line.now").count(), 1);
  match(await page.innerText(".line.now"), /node2 8-etcdctl \| WARN: quorum is lost$/);
  ok(
    await page.locator(".line.now").evaluate((line) => {
      const { top, bottom } = (line as Element).getBoundingClientRect();
      return top >= 0 && bottom <= innerHeight;
    }),
  );
  match(await page.innerText(".details"), /wrote to stdout at 6\.000 s\s+WARN: quorum is lost/);
  // The cursor is where no line is: the next one says so.
  await page.focus(".chart");
  await page.evaluate(() => location.hash = "#t=3&node=node1");
  await page.waitForSelector(".line.next:has-text('lost the leader')");
  strictEqual(await page.locator(".line.now").count(), 0);
  await page.click(".line.next a");
  await page.waitForSelector(".line.now:has-text('lost the leader')");
  match(await page.innerText(".details"), /wrote to stderr at 4\.000 s\s+lost the leader/);
  deepStrictEqual(opened.troubles, []);
});

test("a report's log has levels, and is whole in a narrow window", async () => {
  using run = new FailedRun();
  await using opened = await openPage(await recordLines(run));
  const { page } = opened;
  await page.setViewportSize({ width: 500, height: 900 });
  await page.waitForSelector(".list.wrapped");
  await page.fill(".log-text", "/WARN|Error: x|plain/");
  await page.waitForSelector("text=4 of 206 lines");
  const lines = await page.locator(".line").evaluateAll((all) =>
    all.map((each) => {
      const line = each as HTMLElement;
      const { className, scrollWidth, clientWidth, scrollHeight, clientHeight, textContent } = line;
      const text = document.createRange();
      text.selectNodeContents(line);
      // What is kept for a scroll bar may make it one row more than it needs.
      const used = text.getBoundingClientRect().height;
      const isWhole = scrollWidth <= clientWidth && scrollHeight <= clientHeight &&
        used > clientHeight - 27;
      return { className: className.trim(), isWhole, text: textContent.slice(-20) };
    })
  );
  deepStrictEqual(lines.map(({ isWhole }) => isWhole), Array(4).fill(true), JSON.stringify(lines));
  const levelOf = (text: string) => lines.find((line) => line.text.endsWith(text))!.className;
  strictEqual(levelOf("quorum is lost"), "line level-warning");
  strictEqual(levelOf("xxx"), "line level-error");
  strictEqual(levelOf("! plain"), "line");
  const cut = await page.locator("#verdict pre, #verdict table, #verdict .wide").evaluateAll((
    all,
  ) =>
    all.filter((each) => {
      const { scrollWidth, clientWidth, scrollHeight, clientHeight } = each as HTMLElement;
      return scrollWidth > clientWidth || scrollHeight > clientHeight + 1;
    }).map((each) => (each as Element).textContent)
  );
  deepStrictEqual(cut, []);
  await page.setViewportSize({ width: 1200, height: 900 });
  await page.waitForSelector(".list:not(.wrapped)");
  deepStrictEqual(opened.troubles, []);
});
