/**
 * What every call on a node shares: the life of the node, the context of the call, its inputs and streams.
 *
 * @module
 */
export { AuthorCall, getterOf } from "./author_call.ts";
export type { AuthorCallOptions, CancellableOptions, Member } from "./author_call.ts";
export { authorPlaces, framesOf } from "./author_places.ts";
export { checkBuffer, checkChunk } from "./check_bytes.ts";
export { guardedReadable, guardedWritable, NodeReadableStream } from "./guarded_stream.ts";
export type { StreamAccess } from "./guarded_stream.ts";
export { isOfHost, Lifeline } from "./lifeline.ts";
export type { CallInFlight } from "./lifeline.ts";
export { NodeLife } from "./node_life.ts";
export type { LifeFollower } from "./node_life.ts";
export type { NodeCallOptions } from "./node_call_options.ts";
export type { NodeContext } from "./node_context.ts";
export { pour } from "./pour.ts";
export { SourceFailure } from "./source_failure.ts";
export { emitAfter } from "./emit_after.ts";
export { shownAs } from "./shown_as.ts";
