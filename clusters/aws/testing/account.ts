/** The account whose key the server knows. */
export const ACCOUNT = "000000000000";

/** The only key. */
export const ACCESS_KEY_ID = "AKIACLUSTERTESTLOCAL";

/** Its secret. */
export const SECRET_ACCESS_KEY = "a key that opens nothing but this server";

/** Who has it. */
export const USER_ARN = `arn:aws:iam::${ACCOUNT}:user/clustertest`;

/** The region that clients use. */
export const REGION = "us-east-1";

/** The zones of each region that there is. */
const ZONES: Readonly<Record<string, string>> = {
  "us-east-1": "abcdef",
  "us-west-2": "abcd",
  "eu-central-1": "abc",
};

/** The regions that there are. */
export const REGIONS: readonly string[] = Object.keys(ZONES);

/** The zones of a region. */
export function zonesOf(region: string): string[] {
  return [...ZONES[region] ?? ""].map((letter) => `${region}${letter}`);
}

/** An id as EC2 makes them: `i-0123456789abcdef0`. */
export function newId(prefix: string): string {
  return `${prefix}-${hex(17)}`;
}

/** Random digits. */
export function hex(length: number): string {
  return crypto.randomUUID().replaceAll("-", "").slice(0, length);
}
