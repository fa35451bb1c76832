import type { HealthCheck } from "../../kit/mod.ts";

/** What an image says of its health, as engines tell it. */
export interface HealthConfig {
  readonly Healthcheck?: {
    /** `NONE`, `CMD` and arguments, `CMD-SHELL` and a line; empty for what the base image has. */
    readonly Test?: readonly string[] | null;
    /** Nanoseconds; 0 for the default, as with all that follow. */
    readonly Interval?: number;
    readonly Timeout?: number;
    readonly StartPeriod?: number;
    readonly StartInterval?: number;
    readonly Retries?: number;
  } | null;
  /** What lines are run by. */
  readonly Shell?: readonly string[] | null;
}

/** What engines take where an image says nothing: milliseconds, and failures. */
const DEFAULTS = { interval: 30_000, timeout: 30_000, startPeriod: 0, retries: 3 };

const DEFAULT_SHELL = ["/bin/sh", "-c"];

/** The check of an image; `undefined` if it has none. */
export function readHealthCheck(
  { Healthcheck: health, Shell: shell }: HealthConfig,
): HealthCheck | undefined {
  const [kind, ...words] = health?.Test ?? [];
  const command = commandOf(kind, words, shell?.length ? shell : DEFAULT_SHELL);
  if (!health || command === undefined) return undefined;
  const interval = milliseconds(health.Interval) ?? DEFAULTS.interval;
  return {
    command,
    interval,
    startInterval: milliseconds(health.StartInterval) ?? interval,
    timeout: milliseconds(health.Timeout) ?? DEFAULTS.timeout,
    startPeriod: milliseconds(health.StartPeriod) ?? DEFAULTS.startPeriod,
    retries: health.Retries || DEFAULTS.retries,
  };
}

function commandOf(
  kind: string | undefined,
  words: readonly string[],
  shell: readonly string[],
): string[] | undefined {
  if (words.length === 0) return undefined;
  if (kind === "CMD") return [...words];
  return kind === "CMD-SHELL" ? [...shell, words[0]!] : undefined;
}

function milliseconds(nanoseconds = 0): number | undefined {
  return nanoseconds > 0 ? nanoseconds / 1e6 : undefined;
}
