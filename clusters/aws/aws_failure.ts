import { BackendUnusableError } from "../errors.ts";
import { stackCommand } from "./stack/stack_command.ts";

/** What failed, and how AWS was reached. */
export interface FailedCall {
  /** Completes "Cannot …". */
  readonly what: string;
  /** The backend that wanted it, or "aws" where none did. */
  readonly backend: string;
  readonly region?: string | undefined;
  readonly profile?: string | undefined;
}

/** What is wrong, and what to do: sentences without full stops. */
interface Diagnosis {
  readonly reason: string;
  readonly remedy: string;
}

/** What the SDK's errors hold that matters here. */
interface SdkFailure extends Error {
  readonly code?: unknown;
  readonly hostname?: unknown;
  readonly $metadata?: { readonly httpStatusCode?: number };
}

/**
 * What S3 means by the status of an answer to HEAD. Such an answer has no body, and so no code: it is
 * 403 for whatever is not permitted, and 400 for credentials that have expired.
 */
const HEAD_CODES: Readonly<Record<number, string>> = { 400: "ExpiredToken", 403: "AccessDenied" };

/** What the SDK calls an error that came without a code. */
const NO_CODE: readonly string[] = ["Unknown", "UnknownError"];

/**
 * The error for a call that AWS did not do. When nothing else would work either (credentials,
 * permissions, the region, the network), it is a `BackendUnusableError` that says what to do about
 * it. Aborts stay what they are.
 */
export function awsFailure(error: unknown, call: FailedCall): Error {
  if (!(error instanceof Error)) return new Error(`Cannot ${call.what}: ${error}`);
  if (error.name === "AbortError" || error instanceof BackendUnusableError) return error;
  const diagnosis = diagnose(error, call);
  if (diagnosis !== undefined) {
    return new BackendUnusableError({ backend: call.backend, ...diagnosis }, { cause: error });
  }
  return new Error(`Cannot ${call.what}: ${error.name}: ${firstLine(error)}`, { cause: error });
}

function diagnose(error: SdkFailure, call: FailedCall): Diagnosis | undefined {
  const code = codeOf(error);
  const kind = kinds.find(({ codes }) => codes.includes(code) || codes.includes(error.code));
  return kind?.diagnose(error, call);
}

function codeOf({ name, $metadata }: SdkFailure): string {
  return (hasNoCode(name) && HEAD_CODES[$metadata?.httpStatusCode ?? 0]) || name;
}

function hasNoCode(name: string): boolean {
  return NO_CODE.includes(name);
}

/** What sets the clock of this machine. */
const CLOCK_COMMANDS = "`timedatectl set-ntp true`, or on macOS `sntp -sS time.apple.com`";

/** Each kind of failure by the names of the SDK's errors, AWS's codes and those of the system. */
const kinds: readonly {
  readonly codes: readonly unknown[];
  readonly diagnose: (error: SdkFailure, call: FailedCall) => Diagnosis;
}[] = [
  {
    codes: ["CredentialsProviderError", "TokenProviderError"],
    diagnose: (error, call) => ({
      reason: `there are no AWS credentials${ofProfile(call)}: ${firstLine(error)}`,
      remedy: `Log in with \`aws sso login${profileOption(call)}\` or \`aws configure` +
        `${profileOption(call)}\`, choose another profile by AWS_PROFILE, or set ` +
        `AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY`,
    }),
  },
  {
    codes: ["ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired"],
    diagnose: (_, call) => ({
      reason: `the AWS credentials${ofProfile(call)} have expired`,
      remedy: `Get new ones with \`aws sso login${
        profileOption(call)
      }\`, or however they were made`,
    }),
  },
  {
    codes: [
      "AuthFailure",
      "InvalidAccessKeyId",
      "InvalidClientTokenId",
      "SignatureDoesNotMatch",
      "UnrecognizedClientException",
    ],
    diagnose: (error, call) => ({
      reason: `AWS does not accept the credentials${ofProfile(call)} in region ` +
        `"${call.region}": ${firstLine(error)}`,
      remedy:
        `See whose they are with \`aws sts get-caller-identity${profileOption(call)}\`, and ` +
        `whether the region is enabled with \`aws account list-regions${profileOption(call)}\``,
    }),
  },
  {
    // EC2 says the same of both.
    codes: ["RequestExpired"],
    diagnose: (error, call) => ({
      reason:
        `the AWS credentials${ofProfile(call)} have expired, or the clock of this machine is ` +
        `wrong: ${firstLine(error)}`,
      remedy: `Get new credentials with \`aws sso login${profileOption(call)}\`, or however they ` +
        `were made; if the time is wrong, set it: ${CLOCK_COMMANDS}`,
    }),
  },
  {
    codes: ["RequestTimeTooSkewed", "RequestInTheFuture"],
    diagnose: (error) => ({
      reason: `AWS does not accept the time of this machine: ${firstLine(error)}`,
      remedy: `Set its clock: ${CLOCK_COMMANDS}`,
    }),
  },
  {
    codes: ["AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "UnauthorizedAccess"],
    diagnose: (error, call) => ({
      reason: `a permission is missing to ${call.what}: ${firstLine(error)}`,
      remedy:
        `Attach the policy that \`${stackCommand("policy", choice(call))}\` prints to whoever ` +
        `runs the tests`,
    }),
  },
  {
    codes: ["OptInRequired", "AuthorizationHeaderMalformed", "PermanentRedirect"],
    diagnose: (error, call) => ({
      reason: `region "${call.region}" cannot be used: ${firstLine(error)}`,
      remedy:
        `Enable it with \`aws account enable-region --region-name ${call.region}\`, or choose ` +
        `another by the option "region" or AWS_REGION`,
    }),
  },
  {
    codes: ["ENOTFOUND", "EAI_AGAIN"],
    diagnose: (error, call) => ({
      reason: `nothing has the name of AWS in region "${call.region}": ${firstLine(error)}`,
      remedy: `See whether the region is spelled as in \`aws account list-regions\`, and whether ` +
        `this machine is on line`,
    }),
  },
  {
    codes: [
      "ECONNREFUSED",
      "ECONNRESET",
      "EHOSTUNREACH",
      "ENETUNREACH",
      "ETIMEDOUT",
      "TimeoutError",
    ],
    diagnose: (error, call) => ({
      reason: `AWS could not be reached in region "${call.region}": ${firstLine(error)}`,
      remedy: "See whether this machine is on line, and what AWS_ENDPOINT_URL and HTTPS_PROXY say",
    }),
  },
];

/** The message without what only a machine can read, and AWS appends in its own encoding. */
function firstLine({ message, $metadata }: SdkFailure): string {
  if (hasNoCode(message)) return `AWS answers ${$metadata?.httpStatusCode} and gives no reason`;
  return message.split("\n")[0]!.replace(/\.? Encoded authorization failure message: .*/, "")
    .replace(/\.$/, "");
}

function ofProfile({ profile = Deno.env.get("AWS_PROFILE") }: FailedCall): string {
  return profile ? ` of profile "${profile}"` : "";
}

function profileOption({ profile = Deno.env.get("AWS_PROFILE") }: FailedCall): string {
  return profile ? ` --profile ${profile}` : "";
}

function choice({ region, profile }: FailedCall): { region?: string; profile?: string } {
  return { ...(region ? { region } : {}), ...(profile ? { profile } : {}) };
}
