import type { KubeApi } from "./api/mod.ts";

/** Lines that errors quote. */
const MAX_LINES = 20;

/** The last lines that a container has written; none if they cannot be had. Never rejects. */
export async function readLog(
  api: KubeApi,
  { pod, container, signal }: {
    readonly pod: string;
    readonly container: string;
    readonly signal: AbortSignal;
  },
): Promise<string[]> {
  try {
    const log = await api.logs(pod, { container, tail: MAX_LINES, signal });
    return log.split("\n").map((line) => line.trimEnd()).filter((line) => line !== "");
  } catch {
    return [];
  }
}
