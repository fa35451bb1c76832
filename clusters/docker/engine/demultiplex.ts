/** A piece of one of the outputs of a container. */
export interface OutputPiece {
  readonly stream: "stdout" | "stderr";
  readonly data: Uint8Array;
}

/** Bytes of a frame's header: the stream's number, three of no meaning, the length. */
const HEADER = 8;

/**
 * Takes apart the two outputs of a container without a terminal, as an engine sends them over one
 * connection. Pieces come as they arrive and nothing is collected, so the reader sets the pace and
 * memory stays bounded however long a frame is.
 */
export async function* demultiplex(source: AsyncIterable<Uint8Array>): AsyncGenerator<OutputPiece> {
  const header = new Uint8Array(HEADER);
  let headerLength = 0;
  let left = 0;
  for await (let chunk of source) {
    while (chunk.length > 0) {
      if (left === 0) {
        const taken = chunk.subarray(0, HEADER - headerLength);
        header.set(taken, headerLength);
        headerLength += taken.length;
        chunk = chunk.subarray(taken.length);
        if (headerLength < HEADER) break;
        left = new DataView(header.buffer).getUint32(4);
        headerLength = 0;
      }
      const data = chunk.subarray(0, left);
      left -= data.length;
      chunk = chunk.subarray(data.length);
      if (data.length > 0) yield { stream: streamOf(header), data };
    }
  }
  if (left > 0 || headerLength > 0) throw new Error("The output of a container ended in a frame");
}

function streamOf(header: Uint8Array): OutputPiece["stream"] {
  switch (header[0]) {
    case 1:
      return "stdout";
    case 2:
      return "stderr";
    default:
      throw new Error(`The output of a container has a stream of the unknown kind ${header[0]}`);
  }
}
