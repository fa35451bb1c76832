import type { HostSample } from "../host/host.ts";
import { integer, list, number, oneOf, optional, record, type Shape } from "./shape.ts";

/** Processes of one sample. */
const MANY = 10_000;

/** Samples that come together. */
const MAX_BATCH = 1_000;

/** Whatever counts: nothing of it is below 0. */
const amount: Shape<number> = (value, name) => {
  const given = number()(value, name);
  if (given < 0) throw new TypeError(`Cannot accept the request: ${name} is below 0`);
  return given;
};

const process = record({ pid: integer(1), cpu: amount, memory: amount });

/** What a host uses, as an agent tells it. */
export const hostSample: Shape<HostSample> = record({
  time: integer(0),
  scope: oneOf("machine", "container", "processes"),
  cores: amount,
  memoryLimit: optional(amount),
  cpu: optional(amount),
  memory: optional(amount),
  memoryPeak: optional(amount),
  received: optional(amount),
  sent: optional(amount),
  packetsIn: optional(amount),
  packetsOut: optional(amount),
  read: optional(amount),
  written: optional(amount),
  files: optional(amount),
  load: optional(amount),
  processes: list(process, MANY),
});

/** Samples that come together. */
export const hostSamples: Shape<HostSample[]> = list(hostSample, MAX_BATCH);
