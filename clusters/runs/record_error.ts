/** A record that is not there, or cannot be read. */
export class RecordError extends Error {
  /** The name of the class. */
  override name = "RecordError";
}
