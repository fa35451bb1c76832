/** What requests are signed with: keys, or a function that fetches keys. */
export type AwsCredentials = AwsKeys | (() => Promise<AwsKeys>);

/** Keys of an AWS account. */
export interface AwsKeys {
  /** The id of the key. */
  readonly accessKeyId: string;
  /** The secret part of the key. */
  readonly secretAccessKey: string;
  /** The token that belongs to temporary keys. */
  readonly sessionToken?: string | undefined;
  /** When temporary keys expire. */
  readonly expiration?: Date | undefined;
}
