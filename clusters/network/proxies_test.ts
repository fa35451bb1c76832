import { deepStrictEqual, strictEqual } from "node:assert/strict";

/** A proxy that refuses, and knows what it was asked for. */
class RefusingProxy implements AsyncDisposable {
  readonly asked: string[] = [];
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #accepting = this.#accept();

  get url(): string {
    return `http://127.0.0.1:${(this.#listener.addr as Deno.NetAddr).port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    await this.#accepting;
  }

  async #accept(): Promise<void> {
    for await (const connection of this.#listener) {
      const buffer = new Uint8Array(4096);
      const size = await connection.read(buffer).catch(() => null);
      this.asked.push(new TextDecoder().decode(buffer.subarray(0, size ?? 0)).split("\r\n")[0]!);
      connection.close();
    }
  }
}

/** By what they are about; `PROXY` stands for the proxy's URL. */
const ENVIRONMENTS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "a name that goes past them": { NO_PROXY: "localhost,127.0.0.0/8" },
  "that name in lower case": { no_proxy: "localhost" },
  "everything that goes past them": { NO_PROXY: "*", HTTP_PROXY: "PROXY" },
  "one for everything": { ALL_PROXY: "PROXY", all_proxy: "PROXY" },
  "them for Node's modules too": {
    NODE_USE_ENV_PROXY: "1",
    HTTP_PROXY: "PROXY",
    HTTPS_PROXY: "PROXY",
  },
  "them for Node's modules in lower case": {
    NODE_USE_ENV_PROXY: "1",
    http_proxy: "PROXY",
    https_proxy: "PROXY",
  },
};

for (const backend of ["local", "loopback"]) {
  for (const [what, variables] of Object.entries(ENVIRONMENTS)) {
    Deno.test(`proxies have no part in nodes of ${backend} when the environment names ${what}`, async () => {
      await using proxy = new RefusingProxy();
      const env = Object.fromEntries(
        Object.entries(variables).map(([name, value]) => [name, value.replace("PROXY", proxy.url)]),
      );
      const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
        args: [
          "run",
          "-A",
          "--no-check",
          new URL("./testing/proxied_runner.ts", import.meta.url).pathname,
          backend,
        ],
        env,
      }).output();
      strictEqual(decoded(stdout), "the node has /path", decoded(stderr));
      // What leaves for the outside world may have asked it.
      deepStrictEqual(proxy.asked.filter((line) => /localhost|127\./.test(line)), []);
    });
  }
}

function decoded(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
