import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Readable } from "node:stream";
import { Engine } from "../engine/engine.ts";
import { parseEndpoint, type TlsFiles } from "../engine/endpoint.ts";
import { unusualPort } from "../../conformance/unusual_port.ts";
import { requirement } from "../../requirement.ts";
import { run } from "./run.ts";

/** Milliseconds in which an engine has to be there. */
const START_DEADLINE = 60_000;

/**
 * Whether this process may start engines of its own, and has the programs for it. If not, that is
 * said in one line, or is an error where `CLUSTERTEST_REQUIRE` names `docker`.
 */
export async function canStartEngines(...programs: readonly string[]): Promise<boolean> {
  return await requirement("docker", async () => {
    if (Deno.uid() !== 0) throw new Error("only root can start an engine of its own");
    const wanted = ["dockerd", "ip", ...programs];
    await run("sh", ["-c", 'for each; do command -v "$each" || exit 1; done', "sh", ...wanted])
      .catch(() => {
        throw new Error(`some of these programs are missing: ${wanted.join(", ")}`);
      });
    return true;
  }) ?? false;
}

/** How an engine of a test's own is reached. */
export interface PrivateEngineOptions {
  /** Folder with the certificates of {@linkcode makeCertificates}; then it listens on TCP. */
  readonly certificates?: string;
}

/**
 * A second engine on this machine, for tests that do to it what one does not do to the engine that
 * others use. It needs root, `dockerd` and `ip`. Disposing it ends it and removes all it had.
 */
export class PrivateEngine implements AsyncDisposable {
  /** In the notation of `DOCKER_HOST`. */
  readonly host: string;
  readonly tls: TlsFiles | undefined;
  #dir: string;
  /** Where it can be reached, whatever has become of certificates. */
  #socket: string;
  #bridge: string;
  #process: Deno.ChildProcess | undefined;

  private constructor(dir: string, { certificates }: PrivateEngineOptions) {
    this.#dir = dir;
    this.#bridge = `ct${crypto.randomUUID().slice(0, 8)}`;
    this.tls = certificates === undefined ? undefined : { dir: certificates, verify: true };
    this.#socket = `unix://${join(dir, "engine.sock")}`;
    this.host = certificates === undefined ? this.#socket : `tcp://127.0.0.1:${unusualPort()}`;
  }

  static async start(options: PrivateEngineOptions = {}): Promise<PrivateEngine> {
    const engine = new PrivateEngine(await Deno.makeTempDir({ prefix: "ct-engine-" }), options);
    try {
      await engine.#addBridge();
      await engine.startAgain();
      return engine;
    } catch (error) {
      await engine.#remove();
      throw error;
    }
  }

  /** Opens a connection to it. */
  connect(): Promise<Engine> {
    return Engine.connect(parseEndpoint(this.host, this.tls));
  }

  /** Gives it an image that another engine has. */
  async load(image: string, other: Engine): Promise<void> {
    const get = { what: "read an image", method: "GET", path: `/images/${image}/get` } as const;
    const archive: Readable = await other.stream(get);
    await using engine = await this.connect();
    await engine.call({ what: "load an image", method: "POST", path: "/images/load", archive });
  }

  /** Starts the engine, and resolves once it answers. */
  async startAgain(): Promise<void> {
    this.#process = new Deno.Command("dockerd", {
      args: [...this.#places(), ...this.#network(), ...this.#listen()],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    const late = AbortSignal.timeout(START_DEADLINE);
    await using engine = await this.connect();
    const ping = { what: "ping", method: "GET", path: "/_ping", signal: late } as const;
    while (!await engine.call(ping).then(() => true, () => false)) {
      late.throwIfAborted();
      await delay(100);
    }
  }

  /** Ends it as a service manager would. */
  async stop(): Promise<void> {
    await this.#end("SIGTERM");
  }

  /** Ends it as a crash would: what runs in its containers goes on for a while. */
  async kill(): Promise<void> {
    await this.#end("SIGKILL");
    await this.#containerdEnded();
  }

  /** Has it answer nothing any more, though it takes connections. */
  freeze(): void {
    this.#process?.kill("SIGSTOP");
  }

  /** Lets it go on. */
  thaw(): void {
    this.#process?.kill("SIGCONT");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.thaw();
    try {
      await this.#removeNetworks();
    } finally {
      await this.#remove();
    }
  }

  /** The bridge of a network that an engine has when it ends is there until this machine is booted. */
  async #removeNetworks(): Promise<void> {
    if (this.#process === undefined) await this.startAgain();
    await using engine = await Engine.connect(parseEndpoint(this.#socket));
    const containers = await engine.call<{ readonly Id: string }[]>({
      ...{ what: "list containers", method: "GET", path: "/containers/json" },
      query: { all: true },
    });
    for (const { Id } of containers) {
      await engine.call({
        ...{ what: "remove a container", method: "DELETE", path: `/containers/${Id}` },
        query: { force: true },
      });
    }
    await engine.call({ what: "remove networks", method: "POST", path: "/networks/prune" });
  }

  async #remove(): Promise<void> {
    await this.stop();
    await this.#unmount();
    await run("ip", ["link", "delete", this.#bridge]).catch(() => {});
    await Deno.remove(this.#dir, { recursive: true });
  }

  async #end(signal: Deno.Signal): Promise<void> {
    this.#process?.kill(signal);
    await this.#process?.status;
    this.#process = undefined;
  }

  /** It ends with its engine, a moment later; an engine that starts before that takes it to be alive. */
  async #containerdEnded(): Promise<void> {
    const late = AbortSignal.timeout(START_DEADLINE);
    const pid = await Deno.readTextFile(join(this.#dir, "exec", "containerd", "containerd.pid"));
    while (await Deno.stat(`/proc/${pid}`).then(() => true, () => false)) {
      await delay(20, undefined, { signal: late });
    }
  }

  /** An engine that was killed leaves the file systems of its containers mounted. */
  async #unmount(): Promise<void> {
    const mounts = (await Deno.readTextFile("/proc/mounts")).split("\n")
      .map((line) => line.split(" ")[1] ?? "")
      .filter((path) => path.startsWith(`${this.#dir}/`));
    if (mounts.length > 0) await run("umount", mounts.reverse());
  }

  async #addBridge(): Promise<void> {
    const third = crypto.getRandomValues(new Uint8Array(1))[0];
    await run("ip", ["link", "add", this.#bridge, "type", "bridge"]);
    await run("ip", ["address", "add", `172.31.${third}.1/24`, "dev", this.#bridge]);
    await run("ip", ["link", "set", this.#bridge, "up"]);
  }

  #places(): string[] {
    const places = { "data-root": "data", "exec-root": "exec", pidfile: "pid" };
    return Object.entries(places).map(([name, path]) => `--${name}=${join(this.#dir, path)}`);
  }

  /** The rules of the machine's firewall are another engine's. */
  #network(): string[] {
    const off = ["iptables", "ip6tables", "ip-masq"].map((name) => `--${name}=false`);
    return [`--bridge=${this.#bridge}`, ...off];
  }

  #listen(): string[] {
    const listen = ["--host", this.#socket];
    if (this.tls === undefined) return listen;
    const file = (name: string): string => join(this.tls!.dir, name);
    return [
      ...listen,
      ...["--host", this.host],
      "--tlsverify",
      `--tlscacert=${file("ca.pem")}`,
      `--tlscert=${file("server-cert.pem")}`,
      `--tlskey=${file("server-key.pem")}`,
    ];
  }
}

/** Makes an authority in `dir`, and with it certificates for an engine and for its client. */
export async function makeCertificates(dir: string): Promise<void> {
  const openssl = (...args: string[]): Promise<string> => run("openssl", args, { cwd: dir });
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  const ca = ["-keyout", "ca-key.pem", "-out", "ca.pem", "-subj", "/CN=ca", "-days", "2"];
  await openssl("req", "-x509", ...key, ...ca);
  const leaves = [["server", "server-key.pem", "server-cert.pem"], [
    "client",
    "key.pem",
    "cert.pem",
  ]];
  for (const [usage, keyFile, certificate] of leaves) {
    const request = ["-keyout", keyFile!, "-out", "request.pem", "-subj", `/CN=${usage}`];
    await openssl("req", ...key, ...request);
    const extensions = `subjectAltName=IP:127.0.0.1\nextendedKeyUsage=${usage}Auth`;
    await Deno.writeTextFile(join(dir, "extensions"), extensions);
    const authority = ["-CA", "ca.pem", "-CAkey", "ca-key.pem", "-CAcreateserial", "-days", "2"];
    const sign = ["-in", "request.pem", "-out", certificate!, "-extfile", "extensions"];
    await openssl("x509", "-req", ...sign, ...authority);
  }
}
