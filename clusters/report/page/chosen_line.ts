import type { LogLines } from "./log_lines.ts";
import type { TimeView } from "./time_view.ts";

/** The place of the line that was chosen; `undefined` if none was, or if the cursor is elsewhere by now. */
export function chosenLine({ line, cursor }: TimeView, lines: LogLines): number | undefined {
  if (line === undefined || cursor === undefined || line >= lines.count) return undefined;
  return Math.abs(lines.at(line).time - cursor) < 1 ? line : undefined;
}
