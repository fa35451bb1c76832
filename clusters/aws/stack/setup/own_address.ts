import { isIPv4 } from "node:net";
import { Deadline } from "../../../../agent/deadline.ts";
import { messageOf } from "../../../../agent/host/described_error.ts";

/** Answers with the address that a request came from; run by AWS. */
export const ADDRESS_SERVICE = "https://checkip.amazonaws.com";

/** Names another one, where that cannot be reached. */
export const ADDRESS_VARIABLE = "CLUSTERTEST_ADDRESS_SERVICE";

/** The public IPv4 address of this machine, as `service` sees it. */
export async function ownAddress(
  { service = ADDRESS_SERVICE, signal }: {
    service?: string | undefined;
    signal?: AbortSignal | undefined;
  } = {},
): Promise<string> {
  using until = new Deadline(10_000, [signal]);
  try {
    const response = await fetch(service, { signal: until.signal });
    const address = (await response.text()).trim();
    if (response.ok && isIPv4(address)) return address;
    throw new Error(`it answered ${response.status}, and no IPv4 address`);
  } catch (cause) {
    signal?.throwIfAborted();
    const reason = messageOf(cause);
    throw new Error(
      `Cannot learn the address of this machine from ${service}: ${reason}. Say from where tests ` +
        `are run with --cidr, as in --cidr 203.0.113.7/32`,
      { cause },
    );
  }
}
