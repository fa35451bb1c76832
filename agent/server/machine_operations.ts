import { MAX_BUSY } from "../host/host.ts";
import { either, integer, oneOf, record, text } from "../wire/shape.ts";
import { type Operation, operation } from "./operation.ts";

/** Milliseconds for which one call keeps processors busy. */
const LONGEST = 10_000;

const resources = operation(record({}), async ({ host, channel }) => {
  return await host.machine.resources({ signal: channel.signal });
});

const keepBusy = operation(
  record({ processors: integer(1, MAX_BUSY), duration: integer(1, LONGEST) }),
  async ({ host, channel }, work) => {
    return await host.machine.keepBusy(work, { signal: channel.signal });
  },
);

const fileSystem = operation(record({ path: text() }), async ({ host, channel }, { path }) => {
  return await host.machine.fileSystem(path, { signal: channel.signal });
});

const requestShape = either(record({ refill: oneOf(true) }), record({ probe: oneOf(true) }));

const fillDisk = operation(
  record({ path: text(), leave: integer() }),
  async ({ host, channel }, { path, leave }) => {
    await using fill = await host.machine.fillDisk(path, { leave, signal: channel.signal });
    channel.serve((request) =>
      "probe" in requestShape(request, "the request") ? fill.probe() : fill.refill()
    );
    channel.event({ filled: true });
    await channel.closing;
  },
);

/** Processors, memory and disks of the host. */
export const machineOperations: Readonly<Record<string, Operation>> = {
  resources,
  keepBusy,
  fileSystem,
  fillDisk,
};
