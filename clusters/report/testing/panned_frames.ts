/// <reference lib="dom" />
import type { Page } from "playwright-core";

/** Zooms into the time line of a report, and moves it: milliseconds of the longest frame meanwhile. */
export async function pannedFrames(page: Page): Promise<number> {
  await page.locator(".chart").scrollIntoViewIfNeeded();
  await page.hover(".chart", { position: { x: 300, y: 100 } });
  return await page.evaluate(longestFrame);
}

/** Turns the wheel for some frames, in the page. */
async function longestFrame(): Promise<number> {
  const chart = document.querySelector(".chart")!;
  const { left, top } = chart.getBoundingClientRect();
  let [longest, last] = [0, performance.now()];
  for (let i = 0; i < 60; i++) {
    chart.dispatchEvent(
      new WheelEvent("wheel", {
        ...{ clientX: left + 300, clientY: top + 50, cancelable: true },
        deltaY: i < 20 ? -60 : 0,
        deltaX: i < 20 ? 0 : 20,
      }),
    );
    await new Promise((resolve) => requestAnimationFrame(resolve));
    longest = Math.max(longest, performance.now() - last);
    last = performance.now();
  }
  return longest;
}
