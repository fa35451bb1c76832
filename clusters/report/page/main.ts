/// <reference lib="dom" />
/**
 * The program of a report's page: shows the data that is in the page, beside what is written there.
 *
 * @module
 */
import { DetailsSection } from "./details_section.ts";
import { element } from "./dom.ts";
import { Finder } from "./finder.ts";
import { legend } from "./legend.ts";
import { LogLines } from "./log_lines.ts";
import { LogsSection } from "./logs_section.ts";
import { MetricsSection } from "./metrics_section.ts";
import { readData } from "./page_data.ts";
import { followLinks } from "./page_link.ts";
import { TimelineSection } from "./timeline_section.ts";
import { TimeView } from "./time_view.ts";

const HINT =
  "Wheel or + and − zoom, dragging or ← and → move, 0 shows all; ↑ and ↓ choose a lane, " +
  "Enter goes on in it and Backspace goes back. A click chooses a thing and puts the cursor there.";

async function main(): Promise<void> {
  const data = await readData();
  const view = new TimeView(data.duration);
  const timeline = new TimelineSection(data, view);
  const reveal = (lane: number) => timeline.reveal(lane);
  const lines = new LogLines(data);
  const logs = new LogsSection(data, { view, lines });
  const finder = new Finder(data, { view, lines, reveal, onLine: (line) => logs.show(line) });
  const metrics = new MetricsSection(data, { view, left: () => timeline.left });
  const details = new DetailsSection(data, {
    ...{ view, lines },
    onLines: (lane, process) => {
      logs.filter({ lane, process });
      logs.node.scrollIntoView();
    },
  });
  const place = document.getElementById("interactive")!;
  place.append(
    section(
      "Time line",
      finder.node,
      timeline.node,
      legend(data),
      element("p", { class: "hint" }, HINT),
      details.node,
    ),
    ...metrics.isEmpty ? [] : [section("Metrics", metrics.node)],
    section("Logs", logs.node),
  );
  place.hidden = false;
  timeline.start();
  metrics.start();
  logs.start();
  followLinks(data, {
    view,
    reveal: (lane) => {
      timeline.node.scrollIntoView();
      if (lane !== undefined) reveal(lane);
    },
  });
  document.documentElement.dataset.ready = "true";
}

function section(title: string, ...contents: HTMLElement[]): HTMLElement {
  return element("section", { "aria-label": title }, element("h2", {}, title), ...contents);
}

main().catch((error) => {
  const place = document.getElementById("interactive")!;
  place.append(element("p", { class: "omitted" }, `The page cannot show its data: ${error}`));
  place.hidden = false;
});
