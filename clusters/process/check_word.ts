/** Throws unless it is a string that a system call takes. `what` completes "The … must". */
export function checkWord(word: unknown, what: string): void {
  if (typeof word !== "string") throw new TypeError(`The ${what} must be a string, not ${word}`);
  if (word.includes("\0")) throw new TypeError(`The ${what} must not contain a NUL character`);
}
