/** One thing that failed in a test. */
export interface TestFailure {
  /** The name of the error, as in `"AssertionError"`; `""` for what was thrown and is no error. */
  readonly name: string;
  /** What it says; may have many lines, and colours of a terminal. Cut if it is very long. */
  readonly message: string;
  /** The frames of its stack, a line each, without the message. */
  readonly stack?: string | undefined;
  /** The author's code around the line that led to it, where its stack tells and that can be read. */
  readonly source?: SourceExcerpt | undefined;
  /** Its cause, and then its parts if it has put several errors together; not all of many. */
  readonly causes?: readonly TestFailure[] | undefined;
}

/** Some lines of a file, around one of them. */
export interface SourceExcerpt {
  /** Absolute path. */
  readonly file: string;
  /** The line that it is about; the first one of a file is 1. */
  readonly line: number;
  /** Where in that line; the first character is 1. */
  readonly column: number;
  /** Which line the first one of `lines` is. */
  readonly first: number;
  /** As they are in the file; cut if they are very long. */
  readonly lines: readonly string[];
}
