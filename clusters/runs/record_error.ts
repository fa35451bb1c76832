/** A record that is not there, or cannot be read. */
export class RecordError extends Error {
  override name = "RecordError";
}
