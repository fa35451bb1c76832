import type { ReportData } from "./report_data.ts";

/** The data of a page as text that can stand anywhere: compressed, in base64. */
export async function packedData(data: ReportData): Promise<string> {
  const text = new Blob([JSON.stringify(data)]).stream();
  const packed = text.pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(packed).arrayBuffer()).toBase64();
}
