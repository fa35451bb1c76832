import { Deadline } from "../../../agent/deadline.ts";
import { messageOf } from "../../../agent/host/described_error.ts";
import { unusable } from "./unusable.ts";

/** Milliseconds that a plugin may take: it may have to ask somebody far away. */
const PATIENCE = 60_000;

/** Milliseconds before its end at which a credential is renewed: clocks differ, and calls take time. */
const MARGIN = 10_000;

/** What a kubeconfig says of a plugin, under `exec`. */
export interface PluginEntry {
  readonly command?: string | undefined;
  readonly args?: readonly string[] | null | undefined;
  readonly env?: readonly { readonly name: string; readonly value: string }[] | null | undefined;
  readonly apiVersion?: string | undefined;
  readonly installHint?: string | undefined;
  readonly provideClusterInfo?: boolean | undefined;
}

/** What a plugin has given. */
export interface PluginCredential {
  readonly token?: string | undefined;
  readonly clientCertificateData?: string | undefined;
  readonly clientKeyData?: string | undefined;
  readonly expirationTimestamp?: string | undefined;
}

/** Whether a credential is good for a while. */
export function isGood({ expirationTimestamp }: PluginCredential): boolean {
  return expirationTimestamp === undefined ||
    Date.parse(expirationTimestamp) - MARGIN > Date.now();
}

/**
 * Runs a plugin, which nobody can be asked by, and gives its credential.
 *
 * @throws {BackendUnusableError} with its own hint as the remedy, if it gives none.
 */
export async function runPlugin(
  entry: PluginEntry,
  { user, cluster }: { readonly user: string; readonly cluster: unknown },
): Promise<PluginCredential> {
  try {
    const output = await outputOf(entry, cluster);
    const { status } = JSON.parse(output) as { readonly status?: PluginCredential };
    if (status?.token || status?.clientCertificateData && status.clientKeyData) return status;
    throw new TypeError("it gives neither a token nor a certificate");
  } catch (cause) {
    const hint = entry.installHint?.trim().split("\n")[0];
    const said = messageOf(cause).trim().split("\n")[0];
    throw unusable(`credential plugin "${entry.command}" of user "${user}" failed: ${said}`, {
      remedy: hint || "Install it, or log in again by what it belongs to",
      cause,
    });
  }
}

async function outputOf(entry: PluginEntry, cluster: unknown): Promise<string> {
  const { command, args, env, apiVersion, provideClusterInfo } = entry;
  if (!command) throw new TypeError("the kubeconfig names no command");
  const info = {
    apiVersion,
    kind: "ExecCredential",
    spec: { interactive: false, ...provideClusterInfo && { cluster } },
  };
  using deadline = new Deadline(PATIENCE);
  const { code, stdout, stderr } = await new Deno.Command(command, {
    args: [...args ?? []],
    env: {
      ...Object.fromEntries((env ?? []).map(({ name, value }) => [name, value])),
      KUBERNETES_EXEC_INFO: JSON.stringify(info),
    },
    stdin: "null",
    signal: deadline.signal,
  }).output();
  if (code === 0) return new TextDecoder().decode(stdout);
  const lines = new TextDecoder().decode(stderr).trim().split("\n");
  throw new Error(`it exited with code ${code}: ${lines.at(-1)}`);
}
