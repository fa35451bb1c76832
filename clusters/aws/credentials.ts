/** What requests are signed with: keys, or what gets them. */
export type AwsCredentials = AwsKeys | (() => Promise<AwsKeys>);

/** Keys of an AWS account. */
export interface AwsKeys {
  /** Its name. */
  readonly accessKeyId: string;
  /** The key itself. */
  readonly secretAccessKey: string;
  /** For keys that are good for some time only. */
  readonly sessionToken?: string | undefined;
  /** Until when. */
  readonly expiration?: Date | undefined;
}
