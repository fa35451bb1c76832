/** The time of day in UTC, with milliseconds, as the progress and the names of runs have it. */
export function timeOfDay(time: number): string {
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? "??:??:??.???" : date.toISOString().slice(11, 23);
}
