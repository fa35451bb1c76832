import { AuthorCall, type NodeContext } from "../calls/mod.ts";
import type { NodeFetch } from "../network/mod.ts";
import { kinds, type OptionKinds } from "../options/mod.ts";
import { WAIT_KINDS, waitForService, type WaitOptions } from "./wait_for_service.ts";

/** Milliseconds that an answer may take: a service that starts may never answer what came too early. */
const ANSWER_TIMEOUT = 5_000;

/** How long an answer is waited for, and which. */
export interface WaitForHttpOptions extends WaitOptions {
  /** The status of the answer, or whether it is the one. @default any from 200 to 299 */
  readonly status?: number | ((status: number) => boolean) | undefined;
}

/** Of `waitForHttp`. */
export const WAIT_FOR_HTTP_KINDS: OptionKinds<WaitForHttpOptions> = {
  ...WAIT_KINDS,
  status: kinds.either(kinds.number(), kinds.callback),
};

/** An answer that is waited for. */
export interface HttpWait {
  readonly fetch: NodeFetch;
  readonly url: string | URL;
  readonly options: WaitForHttpOptions;
}

/** Waits for `node.waitForHttp` until a service answers with a status. */
export async function waitForHttp(
  context: NodeContext,
  call: AuthorCall,
  { fetch, url, options }: HttpWait,
): Promise<void> {
  const target = call.check(() => targetOf(url));
  const isExpected = call.check(() => expectation(options.status));
  const state = "there was no such answer";
  const wait = { call, state, tryTimeout: ANSWER_TIMEOUT, options };
  await waitForService(context, wait, async (signal) => {
    // Not the call of the wait, whose stack is for the error that ends it.
    const call = new AuthorCall(waitForHttp, { isInner: true });
    const response = await fetch.fetch(call, target, { signal, redirect: "manual" });
    await response.body?.cancel();
    const { status, statusText } = response;
    if (!isExpected(status)) throw new Error(`The answer is ${status} ${statusText}`.trimEnd());
  });
}

/** A path is one of the node itself, at the port of HTTP. */
function targetOf(url: string | URL): string {
  const text = String(url);
  const target = URL.parse(text.startsWith("/") ? `http://localhost${text}` : text);
  if (target && /^https?:$/.test(target.protocol)) return target.href;
  throw new TypeError(
    `Cannot wait for "${text}": it is neither an http: or https: URL nor a path such as "/health"`,
  );
}

function expectation(status: WaitForHttpOptions["status"]): (status: number) => boolean {
  if (typeof status === "function") return status;
  if (status === undefined) return (status) => status >= 200 && status <= 299;
  if (!Number.isInteger(status) || status < 100 || status > 599) {
    throw new RangeError(`The status must be a whole number from 100 to 599, not ${status}`);
  }
  return (answered) => answered === status;
}
