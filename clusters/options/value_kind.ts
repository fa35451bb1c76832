/** What to call a value in an error, when it is not of the right kind: "Blob", "Number", "Null". */
export function valueKind(value: unknown): string {
  return Object.prototype.toString.call(value).slice("[object ".length, -1);
}
