import type { ProcessStatus } from "../host/host.ts";
import { flag, integer, nullable, number, optional, record, type Shape, text } from "./shape.ts";

const shape = record({
  success: flag(),
  code: integer(),
  signal: nullable(text(20)),
  elapsed: number(),
  outOfMemory: optional(flag()),
});

/** Lets a {@linkcode ProcessStatus} pass. The signal is whatever the other system calls it. */
export const statusShape: Shape<ProcessStatus> = shape as Shape<ProcessStatus>;
