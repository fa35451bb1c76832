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

/** Codes by which AWS throttles a caller: the same call may succeed later. */
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

/** Codes for a lack of capacity in a zone, or an exhausted quota of the account. */
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

/** Codes of the system for connections that could not be made, or broke. */
const NETWORK: readonly unknown[] = [
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "ETIMEDOUT",
  "EAI_AGAIN",
  "ENETUNREACH",
  "EHOSTUNREACH",
];

/** Whether AWS throttles the caller. */
export function isThrottled(error: unknown): boolean {
  return THROTTLED.includes(errorCode(error)) || statusOf(error) === 429;
}

/** Whether another zone, or another way to pay, may still have what was asked for. */
export function isExhausted(error: unknown): boolean {
  return isExhaustedCode(errorCode(error));
}

/** Whether a code, of an error or of an instance's state, says that capacity or a quota is exhausted. */
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
