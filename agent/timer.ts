/** Milliseconds that the runtime's timers can wait, 24 days: with more they would end at once. */
export const LONGEST_TIMER = 2 ** 31 - 1;

/**
 * Calls `callback` after some milliseconds, unless the result is cleared by `clearTimeout`. More than
 * a timer can wait, such as `Infinity`, means never.
 */
export function startTimer(
  milliseconds: number,
  callback: () => void,
): ReturnType<typeof setTimeout> | undefined {
  return milliseconds > LONGEST_TIMER ? undefined : setTimeout(callback, milliseconds);
}
