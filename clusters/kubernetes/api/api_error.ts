import { described, groupOf, resourceOf, type ResourcePath, type Verb } from "./kinds.ts";

/** A call to the API server. */
export interface ApiCall extends ResourcePath {
  readonly verb: Verb;
}

/** How a call has failed. */
interface ApiFailure {
  /** Completes "Cannot …: ". */
  readonly message: string;
  /** Status of the answer; `undefined` if none came. */
  readonly status?: number | undefined;
  /** The reason in the answer, as `Forbidden` or `AlreadyExists`. */
  readonly reason?: string | undefined;
  /** What to try, as a sentence without a full stop. */
  readonly remedy?: string | undefined;
  readonly cause?: unknown;
}

/** The API server has refused a call, or has not answered. */
export class ApiError extends Error {
  /** `"ApiError"`. */
  override readonly name = "ApiError";
  /** Status of the answer; `undefined` if none came. */
  readonly status: number | undefined;
  /** The reason in the answer, as `Forbidden` or `AlreadyExists`; `""` if there was none. */
  readonly reason: string;
  /** In the words of a role. */
  readonly verb: Verb;
  /** In the words of a role: `pods/exec`. */
  readonly resource: string;
  /** What the server said, or why it was not reached. */
  readonly said: string;

  constructor(call: ApiCall, { message, status, reason, remedy, cause }: ApiFailure) {
    const then = remedy === undefined ? "" : `. ${remedy}`;
    super(`Cannot ${spoken(call)}: ${message}${then}`, { cause });
    this.status = status;
    this.reason = reason ?? "";
    this.verb = call.verb;
    this.resource = resourceOf(call);
    this.said = message;
  }
}

/** Whether it is an answer with this status. */
export function hasStatus(error: unknown, status: number): error is ApiError {
  return error instanceof ApiError && error.status === status;
}

/** What the API server answers when it does not do what it was asked for. */
export interface Status {
  readonly message?: string | undefined;
  readonly reason?: string | undefined;
  readonly code?: number | undefined;
  readonly details?: {
    readonly retryAfterSeconds?: number | undefined;
    readonly causes?: readonly { readonly reason?: string; readonly message?: string }[];
  } | undefined;
}

/** The error of an answer that is a refusal. */
export function refusal(
  call: ApiCall,
  { status, text }: { status: number; text: string },
): ApiError {
  const { message, reason } = readStatus(text);
  const said = message ?? `the API server answers with status ${status}`;
  return new ApiError(call, {
    message: oneLine(said),
    status,
    reason,
    remedy: remedyFor(call, { status, said }),
  });
}

/** What an answer says, if it is in the form that the API server has for that. */
export function readStatus(text: string): Status {
  try {
    const status = JSON.parse(text) as Status | null;
    return typeof status === "object" && status !== null ? status : {};
  } catch {
    return {};
  }
}

function remedyFor(
  call: ApiCall,
  { status, said }: { readonly status: number; readonly said: string },
): string | undefined {
  if (status === 401) return "Log in again, or mend the credentials of the kubeconfig";
  // Quotas and policies forbid things, too, and say themselves what they want.
  if (status === 403 && /\bcannot \w+ resource\b/.test(said)) return roleFor(call);
  return undefined;
}

/** The rule that allows the call. */
function roleFor(call: ApiCall): string {
  // Which of the two a server wants for a WebSocket depends on its version.
  const isSocket = call.subresource === "exec" || call.subresource === "portforward";
  const verbs = isSocket ? ["create", "get"] : [call.verb];
  const rule = { apiGroups: [groupOf(call.kind)], resources: [resourceOf(call)], verbs };
  return `A role with ${JSON.stringify(rule)} allows it; ` +
    "`deno task kubernetes:policy` prints one with all that is needed";
}

function spoken(call: ApiCall): string {
  const verb = call.verb === "deletecollection" ? "delete" : call.verb;
  if (call.subresource === "exec") return `run a command in pod "${call.name}"`;
  if (call.subresource === "portforward") return `reach a port of pod "${call.name}"`;
  return `${verb} ${described(call)} in namespace "${call.namespace}"`;
}

function oneLine(text: string): string {
  return text.trim().replace(/\s*\n\s*/g, "; ");
}
