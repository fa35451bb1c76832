/** A policy of IAM. */
export interface Policy {
  readonly Version: "2012-10-17";
  readonly Statement: readonly Statement[];
}

/** Something that a policy allows. */
export interface Statement {
  readonly Sid: string;
  readonly Effect: "Allow";
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
  readonly Condition?: Condition;
}

/** Keys of the request, and what they have to be. */
export interface Condition {
  readonly StringEquals: Readonly<Record<string, string>>;
}
