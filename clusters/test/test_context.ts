import { fileURLToPath } from "node:url";
import { attempt } from "../../agent/host/attempt.ts";

/** What a framework tells of a test. */
export interface TestFacts {
  /** The test's name; `undefined` where it has none. */
  readonly name: string | undefined;
  /** The path of its file, where that is known. */
  readonly file: string | undefined;
  /** Aborts when the framework gives the test up. */
  readonly signal: AbortSignal | undefined;
}

/** Members of the contexts that are known: of `Deno.test`, `node:test` and Vitest. */
interface KnownContext {
  readonly name?: unknown;
  readonly origin?: unknown;
  readonly filePath?: unknown;
  readonly signal?: unknown;
  readonly task?: {
    readonly name?: unknown;
    readonly file?: { readonly filepath?: unknown };
    readonly result?: { readonly state?: unknown; readonly errors?: unknown };
  };
}

/** Reads the context of a test, whichever framework gives it. */
export function factsOf(context: unknown): TestFacts {
  const { name, origin, filePath, signal, task } = (context ?? {}) as KnownContext;
  return {
    name: [task?.name, name].find((each) => typeof each === "string"),
    file: [task?.file?.filepath, filePath, pathOf(origin)]
      .find((each) => typeof each === "string"),
    signal: signal instanceof AbortSignal ? signal : undefined,
  };
}

/** What a test has failed with although its body did not throw, as by `expect.soft` of Vitest. */
export function softFailures(context: unknown): readonly unknown[] {
  const { result } = (context as KnownContext | undefined)?.task ?? {};
  if (result?.state !== "fail") return [];
  return Array.isArray(result.errors) ? result.errors : [new Error("it failed")];
}

/** Whether a test was skipped: Vitest's `context.skip()` throws this. */
export function isSkip(thrown: unknown): boolean {
  const code = attempt(() => (thrown as { code?: unknown } | undefined)?.code);
  return code === "VITEST_PENDING";
}

function pathOf(url: unknown): string | undefined {
  return typeof url === "string" && url.startsWith("file:") ? fileURLToPath(url) : undefined;
}
