import { Deadline } from "../../../agent/deadline.ts";
import { messageOf } from "../../../agent/host/described_error.ts";

/** Milliseconds that who issues tokens may take. */
const PATIENCE = 30_000;

/** Seconds before its end at which a token is renewed. */
const MARGIN = 10;

/** What a kubeconfig says of a login by OpenID Connect, under `auth-provider`. */
export type OpenIdEntry = Readonly<Record<string, string | undefined>>;

/**
 * A token of OpenID Connect that is good now, and with which it can be renewed. The kubeconfig is not
 * changed: what another program has to know of a renewal, it does by itself.
 */
export async function openIdToken(entry: OpenIdEntry): Promise<OpenIdEntry> {
  const token = entry["id-token"];
  if (token && expiry(token) - MARGIN > Date.now() / 1000) return entry;
  const { "idp-issuer-url": issuer, "refresh-token": refresh, "client-id": id } = entry;
  if (!issuer || !refresh || !id) throw new Error("the token has run out, and cannot be renewed");
  using client = Deno.createHttpClient({ caCerts: await authorities(entry) });
  const { token_endpoint: endpoint } = await ask(`${issuer.replace(/\/$/, "")}${DISCOVERY}`, {
    client,
  });
  const secret = entry["client-secret"] ?? "";
  const renewed = await ask(String(endpoint), {
    client,
    method: "POST",
    headers: {
      Authorization: `Basic ${btoa(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`)}`,
    },
    body: new URLSearchParams({ grant_type: "refresh_token", refresh_token: refresh }),
  });
  if (typeof renewed.id_token !== "string") throw new Error(`${issuer} gives no token`);
  const next = typeof renewed.refresh_token === "string" ? renewed.refresh_token : refresh;
  return { ...entry, "id-token": renewed.id_token, "refresh-token": next };
}

const DISCOVERY = "/.well-known/openid-configuration";

async function authorities(entry: OpenIdEntry): Promise<string[]> {
  const { "idp-certificate-authority": file, "idp-certificate-authority-data": data } = entry;
  if (data) return [atob(data)];
  return file ? [await Deno.readTextFile(file)] : [];
}

async function ask(
  url: string,
  init: RequestInit & { readonly client: Deno.HttpClient },
): Promise<Record<string, unknown>> {
  using deadline = new Deadline(PATIENCE);
  try {
    const answer = await fetch(url, { ...init, signal: deadline.signal });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`status ${answer.status}: ${text.slice(0, 200)}`);
    return JSON.parse(text);
  } catch (cause) {
    throw new Error(`${new URL(url).host} does not renew the token: ${messageOf(cause)}`, {
      cause,
    });
  }
}

/** Seconds since 1970 at which a token ends; 0 if it does not say. */
function expiry(token: string): number {
  try {
    const payload = token.split(".")[1]!.replaceAll("-", "+").replaceAll("_", "/");
    return Number(JSON.parse(atob(payload)).exp) || 0;
  } catch {
    return 0;
  }
}
