/** What an error of the SDK holds that matters here. */
interface SdkError {
  readonly name?: unknown;
  readonly code?: unknown;
  readonly cause?: unknown;
  readonly $metadata?: { readonly httpStatusCode?: number };
}

/** The code that AWS gave an error, also one that was wrapped; `""` when it has none. */
export function errorCode(error: unknown): string {
  for (let each = error as SdkError | undefined; each; each = each.cause as SdkError | undefined) {
    if (each.$metadata !== undefined && typeof each.name === "string") return each.name;
  }
  return "";
}

/** AWS asks to come back later. */
const THROTTLED: readonly string[] = [
  "RequestLimitExceeded",
  "Throttling",
  "ThrottlingException",
  "ThrottledException",
  "TooManyRequestsException",
  "RequestThrottled",
  "RequestThrottledException",
  "PriorRequestNotComplete",
  "EC2ThrottledException",
  "SlowDown",
];

/** There is not enough of what was asked for: at this place, or for this account. */
const EXHAUSTED: readonly string[] = [
  "InsufficientInstanceCapacity",
  "InsufficientHostCapacity",
  "InsufficientReservedInstanceCapacity",
  "InsufficientFreeAddressesInSubnet",
  "InsufficientAddressCapacity",
  "InsufficientCapacity",
  "InstanceLimitExceeded",
  "VcpuLimitExceeded",
  "MaxSpotInstanceCountExceeded",
  "SpotMaxPriceTooLow",
  "VolumeLimitExceeded",
  "Unsupported",
  "UnsupportedOperation",
];

/** Connections that could not be made, or broke. */
const NETWORK: readonly unknown[] = [
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "ETIMEDOUT",
  "EAI_AGAIN",
  "ENETUNREACH",
  "EHOSTUNREACH",
];

/** Whether AWS holds the caller back. */
export function isThrottled(error: unknown): boolean {
  return THROTTLED.includes(errorCode(error)) || statusOf(error) === 429;
}

/** Whether another zone, or another way to pay, may still have what was asked for. */
export function isExhausted(error: unknown): boolean {
  return isExhaustedCode(errorCode(error));
}

/** Whether a code, wherever it was given, says that there is not enough of what was asked for. */
export function isExhaustedCode(code: string): boolean {
  return EXHAUSTED.includes(code);
}

/** Whether the same call may succeed in a moment. */
export function isTransient(error: unknown): boolean {
  // AWS gives some of these the status of a failure of its own.
  if (isExhausted(error)) return false;
  const { name, code } = error as SdkError;
  return isThrottled(error) || name === "TimeoutError" || NETWORK.includes(code) ||
    statusOf(error) >= 500;
}

function statusOf(error: unknown): number {
  return (error as SdkError).$metadata?.httpStatusCode ?? 0;
}
