import type { Backend, NodeOptions } from "../kit/mod.ts";
import { type RecordedOptions, recordedOptions } from "../options/mod.ts";
import type { RecordedBackend } from "../record/mod.ts";

/** A backend as the record has it, with its members if it is composed; without secrets. */
export function recordedBackend(backend: Backend<never>): RecordedBackend {
  const { name, options, recipe, composition } = backend;
  if (!composition) return { name, options: recordedTable(options ?? recipe.options) };
  const members = Object.entries(composition.members)
    .map(([member, each]) => [member, recordedBackend(each)] as const);
  return { name, options: recordedTable(options), members: Object.fromEntries(members) };
}

/**
 * The options that a test has given a node, as the record has them; `undefined` if there are none. Its name
 * and its member are recorded apart.
 */
export function recordedNodeOptions(options: NodeOptions): RecordedOptions | undefined {
  const { name: _name, in: _in, signal: _signal, ...rest } = options as
    & NodeOptions
    & Record<"in" | "signal", unknown>;
  const recorded = recordedOptions(rest);
  return Object.keys(recorded).length === 0 ? undefined : recorded;
}

/** Backends are written by others, too. */
function recordedTable(options: unknown): RecordedOptions {
  return typeof options === "object" && options !== null ? recordedOptions(options) : {};
}
