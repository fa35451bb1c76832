import { bytesText } from "./bytes_text.ts";
import { type Html, markup } from "./markup.ts";
import type { NodeUse } from "./node_use.ts";
import type { StateAtMoment } from "./state_at_moment.ts";
import { timeHtml } from "./time_html.ts";

/** What nodes used at a moment, as a table; nothing if none was measured. */
export function usedHtml({ used, usedMore }: StateAtMoment): Html | undefined {
  if (used.length === 0) return undefined;
  const more = usedMore === 0
    ? undefined
    : markup`<p>and ${usedMore} more nodes, which used less of their memory</p>`;
  return markup`<h3>What nodes used, when they were last measured before</h3>
<div class="wide"><table><thead><tr><th>node</th><th>at</th><th>processors</th><th>memory</th><th>its peak</th><th>its limit</th><th>open files</th></tr></thead>
<tbody>${used.map(useHtml)}</tbody></table></div>${more}`;
}

function useHtml(use: NodeUse): Html {
  const { node, time, error, cpu, memory, memoryPeak, memoryPeakTime, memoryLimit, files } = use;
  const lane = { node, kind: "lane" } as const;
  const part = (bytes: number | undefined) =>
    bytes === undefined || memoryLimit === undefined ? "" : ` (${percentOf(bytes, memoryLimit)} %)`;
  const cells = [
    ["at", markup`${timeHtml(time, lane)}${error === undefined ? "" : ` ± ${error} ms`}`],
    ["processors", cpu === undefined ? "" : cpu.toFixed(2)],
    ["memory", `${bytesText(memory)}${part(memory)}`],
    [
      "its peak",
      markup`${bytesText(memoryPeak)}${part(memoryPeak)}${
        memoryPeak === undefined || memoryPeakTime === undefined || memoryPeakTime === time
          ? undefined
          : markup` <small>as read at ${timeHtml(memoryPeakTime, lane)}</small>`
      }`,
    ],
    ["its limit", bytesText(memoryLimit)],
    ["open files", files ?? ""],
  ] as const;
  return markup`<tr><th>${node}</th>${
    cells.map(([name, cell]) => markup`<td data-name="${name}">${cell}</td>`)
  }</tr>`;
}

/** All of it is all: what is a little less is not. */
function percentOf(bytes: number, limit: number): number {
  const percent = bytes / limit * 100;
  return percent > 99 && percent < 100 ? Math.floor(percent * 10) / 10 : Math.round(percent);
}

/** That a machine has run out of memory is not what a limit of one node means. */
export function limitHtml(use: NodeUse): Html {
  const { node, memoryPeak, memoryPeakTime, memoryLimit } = use;
  const peak = memoryPeak === undefined || memoryPeakTime === undefined
    ? undefined
    : markup`; its peak, as read at ${timeHtml(memoryPeakTime, { node, kind: "lane" })}, was ${
      bytesText(memoryPeak)
    }`;
  return markup`; the memory of ${node} is limited to ${bytesText(memoryLimit)}${peak}`;
}
