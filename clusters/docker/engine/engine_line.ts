import { Buffer } from "node:buffer";
import { Agent as HttpAgent, type AgentOptions } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { join } from "node:path";
import { inspect } from "node:util";
// @ts-types="@types/dockerode"
import type Docker from "dockerode";
import { engineProxies } from "./engine_proxies.ts";
import type { Endpoint, TcpEndpoint, TlsFiles } from "./endpoint.ts";
import type { EngineCall } from "./engine_call.ts";
import { type Forwarded, SshConnection } from "./ssh_connection.ts";
import { UnixAgent } from "./unix_agent.ts";

/** Carries calls to an engine, without deadlines and explanations. */
export interface EngineLine extends AsyncDisposable {
  /** Rejects with what the transport says; `statusCode` and `json` tell the engine's refusal. */
  dial(call: EngineCall, mode: DialMode): Promise<unknown>;
  /** Where ports of the engine's machine can be reached only through the engine's own connection. */
  forward?(port: number, signal?: AbortSignal): Promise<Forwarded>;
}

/** How a call's answer comes. */
export interface DialMode {
  readonly isStream?: boolean;
  readonly hijack?: boolean;
  readonly signal: AbortSignal;
}

type Modem = Docker["modem"];
type ModemOptions = Docker.DockerOptions & { agent: HttpAgent };

/** Opens a line to an engine; for `ssh`, logs in. */
export async function openLine(endpoint: Endpoint, signal?: AbortSignal): Promise<EngineLine> {
  switch (endpoint.kind) {
    case "unix":
      return await modemLine(unixOptions(endpoint.path));
    case "tcp":
      return await modemLine(await tcpOptions(endpoint));
    case "ssh": {
      const ssh = await SshConnection.open(endpoint, signal);
      const line = await modemLine(unixOptions(ssh.engineSocket));
      return {
        dial: line.dial,
        forward: (port, signal) => ssh.forward(port, signal),
        async [Symbol.asyncDispose]() {
          await line[Symbol.asyncDispose]();
          await ssh[Symbol.asyncDispose]();
        },
      };
    }
    default:
      return endpoint satisfies never;
  }
}

// What a line has open belongs to it, so that it can be closed: each has an agent of its own. It
// keeps no connection for later calls: an engine closes it after some minutes, and a program that was
// held up for so long, as in a debugger, would use it again before it notices.

function unixOptions(socketPath: string): ModemOptions {
  return { socketPath, agent: new UnixAgent({ proxyEnv: {} } as AgentOptions) };
}

async function tcpOptions({ hostname, port, tls }: TcpEndpoint): Promise<ModemOptions> {
  const proxies = { proxyEnv: engineProxies(hostname, Deno.env.toObject()) };
  if (tls === undefined) {
    return {
      host: hostname,
      port,
      protocol: "http",
      agent: new HttpAgent(proxies as AgentOptions),
    };
  }
  const agent = new HttpsAgent({ ...await readTlsFiles(tls), ...proxies } as AgentOptions);
  return { host: hostname, port, protocol: "https", agent };
}

async function readTlsFiles({ dir, verify }: TlsFiles): Promise<object> {
  const [ca, cert, key] = await Promise.all(
    ["ca.pem", "cert.pem", "key.pem"].map((name) => readOptional(join(dir, name))),
  );
  return { ca: verify ? ca : undefined, cert, key, rejectUnauthorized: verify };
}

async function readOptional(path: string): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** The environment is read elsewhere: what is not named here must not be filled in from it. */
const NOTHING: Docker.DockerOptions = {
  host: undefined,
  port: undefined,
  socketPath: undefined,
  protocol: "http",
  ca: undefined,
  cert: undefined,
  key: undefined,
  timeout: undefined,
};

async function modemLine(options: ModemOptions): Promise<EngineLine> {
  // Costs 100 ms and 34 MB, so it is loaded when an engine is used.
  // @ts-types="@types/dockerode"
  const { default: Dockerode } = await import("dockerode");
  const { modem } = new Dockerode({ ...NOTHING, pathPrefix: "/", ...options } as ModemOptions);
  // The modem writes out every request for a log that is off, with all that its agent has open:
  // with thirty containers, that took two thirds of the runner's time.
  Object.assign(options.agent, { [inspect.custom]: () => options.agent.constructor.name });
  return {
    dial: (call, mode) => dial(modem, call, mode),
    [Symbol.asyncDispose]() {
      options.agent.destroy();
      return Promise.resolve();
    },
  };
}

/**
 * Of a call that takes over its connection. Otherwise the modem says that a body of chunks follows,
 * and Podman takes what ends that for the first bytes of the container's input.
 */
const NO_BODY = Buffer.alloc(0);

/** Statuses with which an engine says yes; 304: it is as wanted already. */
const SUCCESS = { 101: true, 200: true, 201: true, 202: true, 204: true, 304: true };

async function dial(modem: Modem, call: EngineCall, mode: DialMode): Promise<unknown> {
  const { signal, ...how } = mode;
  signal.throwIfAborted();
  const answered = Promise.withResolvers<unknown>();
  const abort = (): void => answered.reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  const { registryAuth, registryConfig } = call;
  modem.dial(
    {
      ...how,
      method: call.method,
      path: `${call.path}?`,
      options: { _query: call.query ?? {}, _body: call.body ?? {} },
      file: call.archive ?? (how.hijack ? NO_BODY : undefined),
      authconfig: registryAuth === undefined ? undefined : { base64: registryAuth },
      registryconfig: registryConfig,
      statusCodes: SUCCESS,
      abortSignal: signal,
    },
    (error, answer) => error ? answered.reject(error) : answered.resolve(answer),
  );
  try {
    return await answered.promise;
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

export type { Forwarded };
