import { CloudFormationClient } from "@aws-sdk/client-cloudformation";
import { EC2Client } from "@aws-sdk/client-ec2";
import { S3Client } from "@aws-sdk/client-s3";
import { SSMClient } from "@aws-sdk/client-ssm";
import { STSClient } from "@aws-sdk/client-sts";
import { Deadline } from "../../agent/deadline.ts";
import { BackendUnusableError } from "../errors.ts";
import { awsFailure } from "./aws_failure.ts";
import type { AwsCredentials } from "./credentials.ts";
import { type Attempt, retry } from "./retry.ts";

/** Which account and region, and how to get there. */
export interface AwsAccess {
  /** The backend that errors name. @default "aws" */
  readonly backend?: string | undefined;
  /** @default what the environment or the profile says */
  readonly region?: string | undefined;
  /** @default `AWS_PROFILE`, or the default one */
  readonly profile?: string | undefined;
  /** @default what the SDK's chain of providers finds */
  readonly credentials?: AwsCredentials | undefined;
}

/** Access to an account for a backend. */
type Access = AwsAccess & { readonly backend: string };

/** How a call is made. */
export interface AwsCallOptions {
  /** Aborting ends the call; what it was to do may have been done. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds for the call and its repetitions. @default 120000 */
  readonly deadline?: number | undefined;
  /** Codes of errors that go away by waiting, besides those that always do. */
  readonly retryOn?: readonly string[] | undefined;
}

/** Milliseconds in which a connection is made, and in which it answers. */
const TIMEOUTS = { connectionTimeout: 10_000, requestTimeout: 60_000 };

/** Milliseconds for a call and its repetitions. */
const DEADLINE = 120_000;

/**
 * The clients of one account and region. Every call goes through `call`: it has a deadline, is
 * repeated when that helps, and fails with one clear error.
 */
export class Aws implements Disposable {
  readonly region: string;
  readonly profile: string | undefined;
  /** The backend that errors name. */
  readonly backend: string;
  readonly cloudFormation: CloudFormationClient;
  readonly ec2: EC2Client;
  readonly s3: S3Client;
  readonly ssm: SSMClient;
  readonly sts: STSClient;

  private constructor(region: string, { backend, profile, credentials }: Access) {
    const config = {
      region,
      // An explicit `undefined` is not the same as nothing for the SDK.
      ...(profile === undefined ? {} : { profile }),
      ...(credentials === undefined ? {} : { credentials }),
      // Repetitions are made here: they end with a signal.
      maxAttempts: 1,
      requestHandler: { ...TIMEOUTS, throwOnRequestTimeout: true },
    };
    this.backend = backend;
    this.region = region;
    this.profile = profile;
    this.cloudFormation = new CloudFormationClient(config);
    this.ec2 = new EC2Client(config);
    this.s3 = new S3Client(config);
    this.ssm = new SSMClient(config);
    this.sts = new STSClient(config);
  }

  /** Nothing is asked of AWS yet; only the region has to be known. */
  static async open(access: AwsAccess = {}): Promise<Aws> {
    const { backend = "aws" } = access;
    const known = { ...access, backend };
    return new Aws(access.region ?? await defaultRegion(known), known);
  }

  /** Makes a call: `what` completes "Cannot …". */
  async call<T>(what: string, attempt: Attempt<T>, options: AwsCallOptions = {}): Promise<T> {
    const { signal, deadline = DEADLINE, retryOn = [] } = options;
    using until = new Deadline(deadline, [signal]);
    try {
      return await retry(attempt, { signal: until.signal, retryOn });
    } catch (cause) {
      signal?.throwIfAborted();
      if (until.isOver) {
        throw new Error(`Cannot ${what}: AWS did not do it within ${deadline / 1000} s`, { cause });
      }
      const { backend, region, profile } = this;
      throw awsFailure(cause, { what, backend, region, profile });
    }
  }

  /** Closes connections. */
  [Symbol.dispose](): void {
    const clients = [this.cloudFormation, this.ec2, this.s3, this.ssm, this.sts];
    for (const client of clients) client.destroy();
  }
}

/** The region that the SDK finds in the environment or the profile. */
async function defaultRegion({ backend, profile }: Access): Promise<string> {
  const client = new STSClient(profile === undefined ? {} : { profile });
  try {
    return await client.config.region();
  } catch (cause) {
    throw new BackendUnusableError({
      backend,
      reason: "no AWS region is set",
      remedy: 'Say which: the option "region", AWS_REGION=…, or `aws configure set region …`',
    }, { cause });
  } finally {
    client.destroy();
  }
}
