import { MAX_TERMINAL_SIZE } from "../host/host.ts";
import { either, integer, list, oneOf, optional, record, type Shape, text } from "../wire/shape.ts";
import { MAX_FRAME, type ShellRequest } from "./shell_frames.ts";

/** Words that a command has at most. */
const MAX_WORDS = 1_000;

const name = text(300);

const size = record({
  rows: integer(1, MAX_TERMINAL_SIZE),
  columns: integer(1, MAX_TERMINAL_SIZE),
});

/** Lets a request pass. Any program of this user may have sent it. */
export const shellRequestShape: Shape<ShellRequest> = either(
  record({ type: oneOf("list") }),
  either(
    record({ type: oneOf("resize"), size }),
    record({
      type: oneOf("open"),
      cluster: name,
      node: name,
      command: optional(list(text(MAX_FRAME), MAX_WORDS)),
      size,
      term: optional(name),
    }),
  ),
);
